// The endpoints of API keys in the reference.

import type { ErrorCode } from '../../http/errors.ts'
import { noParameters } from '../../http/query-parameters.ts'
import type { ChangeReference, EndpointReference, ParameterText } from '../endpoint-reference.ts'
import {
  auditParameters,
  DEFAULT_OVERLAP_SECONDS,
  keyParameters,
  newKeyBody,
  rotationBody,
} from './parameters.ts'
import {
  type AuditResponse,
  apiKey,
  auditResponse,
  type KeyListResponse,
  keyListResponse,
  type NewKeyResponse,
  newKeyResponse,
  type RotationResponse,
  rotationResponse,
} from './response.ts'

const ID = '0b9c5d6e-7a1f-4c3d-9e8b-2f4a6c8e0d12'
const SUCCESSOR_ID = '7c2e4f60-1b3d-4a5c-8e9f-0a1b2c3d4e5f'

const backend: KeyListResponse['data'][number] = {
  id: ID,
  name: 'Backend',
  hint: 'jak_4fZk',
  state: 'active',
  created_at: '2026-01-05T09:30:00Z',
  created_by: 'Ada Lovelace',
  last_used_at: '2026-03-01T12:00:00Z',
  expires_at: null,
  revoked_at: null,
}

const created: NewKeyResponse = {
  data: {
    ...backend,
    last_used_at: null,
    key: 'jak_4fZkExampleExampleExampleExampleExample0000',
  },
}

const rotated: RotationResponse = {
  data: {
    ...created.data,
    id: SUCCESSOR_ID,
    hint: 'jak_9Qpw',
    created_at: '2026-03-02T08:00:00Z',
    key: 'jak_9QpwExampleExampleExampleExampleExample0000',
  },
  meta: { replaced: ID, old_key_expires_at: '2026-03-03T08:00:00Z' },
}

const audit: AuditResponse = {
  data: [
    {
      at: '2026-03-02T08:00:00Z',
      person: { id: 'user-17', name: 'Ada Lovelace' },
      action: 'rotate',
      key: { id: ID, name: 'Backend', hint: 'jak_4fZk' },
    },
  ],
}

/** The errors of every endpoint that only people use. */
const READ_ERRORS = [
  'invalid_request',
  'invalid_session',
  'invalid_token',
  'key_not_allowed',
  'not_found',
  'rate_limited',
  'too_many_concurrent_requests',
  'internal_error',
  'service_unavailable',
] as const satisfies ErrorCode[]
const WRITE_ERRORS = [...READ_ERRORS, 'origin_not_allowed', 'role_required'] as const satisfies ErrorCode[]

const WHO = 'With a session, the request must come from a page of the console. Requires the role `admin`.'

const id: ParameterText = { description: 'The ID of the key, not the key itself.', example: ID }

/** The text and the example of `GET /keys`. */
export const keyListReference: EndpointReference = {
  path: '/keys',
  operationId: 'listKeys',
  tag: 'API keys',
  summary: 'Your API keys',
  description:
    'Returns all API keys of your organization, the newest first. `hint` is the beginning of a key. A key is `expiring` when it has a successor and still works. Requires a session of the console, or a token of the platform.',
  query: noParameters,
  parameters: {},
  response: {
    name: 'KeyListResponse',
    schema: keyListResponse,
    description: 'All API keys.',
    examples: {
      keys: { summary: 'One key', value: { data: [backend], meta: { active: 1, active_limit: 20 } } },
    },
  },
  schemas: { ApiKey: apiKey },
  kind: 'people',
  errors: READ_ERRORS,
}

/** The text and the example of `GET /keys/audit`. */
export const keyAuditReference: EndpointReference = {
  path: '/keys/audit',
  operationId: 'listKeyAudit',
  tag: 'API keys',
  summary: 'Who changed which key',
  description: 'Returns who created, rotated and revoked keys of your organization, the newest first.',
  query: auditParameters,
  parameters: { limit: { description: 'The number of entries, at most 200.', example: 50 } },
  response: {
    name: 'KeyAuditResponse',
    schema: auditResponse,
    description: 'The latest changes.',
    examples: { audit: { summary: 'A rotation', value: audit } },
  },
  kind: 'people',
  errors: READ_ERRORS,
}

/** The texts and examples of the operations that change keys. */
export const CHANGE_REFERENCES: readonly ChangeReference[] = [
  {
    path: '/keys',
    method: 'post',
    operationId: 'createKey',
    tag: 'API keys',
    summary: 'Create a key',
    description: `Creates an API key. The response is the only place where the key itself is ever shown. An organization may have 20 active keys. ${WHO}`,
    query: noParameters,
    parameters: {},
    body: {
      schema: newKeyBody,
      isRequired: true,
      examples: {
        newKey: {
          summary: 'A key that expires',
          value: { name: 'Backend', expires_at: '2030-12-31T00:00:00Z' },
        },
      },
    },
    response: {
      name: 'NewKeyResponse',
      schema: newKeyResponse,
      description: 'The new key.',
      examples: { created: { summary: 'A new key', value: created } },
    },
    errors: [...WRITE_ERRORS, 'too_many_keys'],
  },
  {
    path: '/keys/{id}/rotate',
    method: 'post',
    operationId: 'rotateKey',
    tag: 'API keys',
    summary: 'Rotate a key',
    description: `Creates a successor with the same name and lifetime. Both keys work for \`overlap_seconds\` (default ${DEFAULT_OVERLAP_SECONDS}), then only the new one; 0 ends the old key at once. ${WHO}`,
    query: keyParameters,
    parameters: { id },
    body: {
      schema: rotationBody,
      isRequired: false,
      examples: { overlap: { summary: 'Both work for an hour', value: { overlap_seconds: 3_600 } } },
    },
    response: {
      name: 'RotationResponse',
      schema: rotationResponse,
      description: 'The successor.',
      examples: { rotated: { summary: 'The successor of a key', value: rotated } },
    },
    errors: [...WRITE_ERRORS, 'key_not_found', 'too_many_keys', 'key_not_active'],
  },
  {
    path: '/keys/{id}',
    method: 'delete',
    operationId: 'revokeKey',
    tag: 'API keys',
    summary: 'Revoke a key',
    description: `Ends a key for good, from its next request on. Revoking a key again changes nothing. ${WHO}`,
    query: keyParameters,
    parameters: { id },
    errors: [...WRITE_ERRORS, 'key_not_found'],
  },
]
