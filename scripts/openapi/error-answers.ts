// The error answers of the reference, made from the error table: one for each status, one example for each code.

import * as z from 'zod/mini'
import type { oas31, ZodOpenApiResponseObject } from 'zod-openapi'
import { type ErrorAnswer, errorAnswer, type ProblemAnswer, problemAnswer } from '../../src/answers/error.ts'
import { ERRORS, type ErrorCode } from '../../src/errors.ts'
import { EVERY_ANSWER, type HeaderName, headerReferences, LIMITS } from './headers.ts'

const EXAMPLE_ORIGIN = 'https://analytics.example.com'
const EXAMPLE_REQUEST_ID = '5fQ2kD0xV9aZr-_T'

/** What only some errors say: the fields of their bodies, with an example of each. */
const EXTRAS: { [Code in ErrorCode]?: Pick<ErrorAnswer['error'], 'details' | 'job_ids'> } = {
  invalid_request: {
    details: [{ parameter: 'period', message: '"1y" is not one of 7d, 30d, 6mo, 12mo.' }],
  },
  job_access_denied: { job_ids: ['3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42'] },
}

const REASONS: Record<number, string> = {
  400: 'A parameter is missing or wrong.',
  401: 'No key, or not a valid one.',
  403: 'The key is valid and does not reach this far.',
  404: 'There is nothing at this address.',
  405: 'The address does not take this method.',
  429: 'A limit of the key is reached.',
  500: 'A bug on our side.',
  502: 'The analytics store gave no usable answer.',
  503: 'Something we need is away.',
  504: 'The analytics store took too long.',
}

/** References to the answers for these codes by status, for the `responses` of an operation. */
export function errorAnswers(codes: readonly ErrorCode[]): Record<string, oas31.ReferenceObject> {
  return Object.fromEntries(
    byStatus(codes).map(([status, some]) => [status, { $ref: `#/components/responses/${nameOf(some)}` }]),
  )
}

/** The answers themselves, by the names that `errorAnswers` refers to. */
export function errorComponents(codes: readonly ErrorCode[]): Record<string, ZodOpenApiResponseObject> {
  return Object.fromEntries(
    byStatus(codes).map(([status, some]) => [nameOf(some), errorAnswerOf(Number(status), some)]),
  )
}

function byStatus(codes: readonly ErrorCode[]): [status: string, codes: ErrorCode[]][] {
  const groups = Object.groupBy(codes, (code) => String(ERRORS[code].status))
  return Object.entries(groups).map(([status, some = []]) => [status, some])
}

/** `rate_limited` and `internal_error` are RateLimitedOrInternalError. */
function nameOf(codes: readonly ErrorCode[]): string {
  const pascal = (code: string) => code.replaceAll(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())
  return codes.map(pascal).join('Or')
}

/** The one answer for codes that share a status. */
function errorAnswerOf(status: number, codes: readonly ErrorCode[]): ZodOpenApiResponseObject {
  const names = codes.map((code) => `\`${code}\``).join(', ')
  return {
    description: `${REASONS[status] ?? 'An error.'} ${names}`,
    headers: headerReferences(headersOf(status)),
    content: {
      'application/json': {
        schema: errorSchema(codes),
        examples: examplesOf(codes, errorExample),
      },
      'application/problem+json': {
        schema: problemSchema(status, codes),
        examples: examplesOf(codes, problemExample),
      },
    },
  }
}

function headersOf(status: number): HeaderName[] {
  const headers = [...EVERY_ANSWER]
  if (status === 401) headers.push('WWW-Authenticate')
  if (status === 405) headers.push('Allow')
  if (status === 403 || status >= 429) headers.push(...LIMITS, 'Server-Timing')
  if (status === 429 || status >= 502) headers.push('Retry-After')
  return headers
}

function errorSchema(codes: readonly ErrorCode[]) {
  const inner = errorAnswer.shape.error
  return z.object({ error: z.extend(z.omit(inner, extraKeys), { code: z.enum(codes), ...extrasOf(codes) }) })
}

function problemSchema(status: number, codes: readonly ErrorCode[]) {
  const fields = { status: z.literal(status), code: z.enum(codes), ...extrasOf(codes) }
  return z.extend(z.omit(problemAnswer, extraKeys), fields)
}

const extraKeys = { details: true, job_ids: true } as const

/** A code's own fields; required where it is the only code of its status. */
function extrasOf(codes: readonly ErrorCode[]): Record<string, z.core.$ZodType> {
  const { details, job_ids } = errorAnswer.shape.error.shape
  const only = codes.length === 1
  const fields: Record<string, z.core.$ZodType> = {}
  for (const code of codes) {
    if (EXTRAS[code]?.details) fields['details'] = only ? details.def.innerType : details
    if (EXTRAS[code]?.job_ids) fields['job_ids'] = only ? job_ids.def.innerType : job_ids
  }
  return fields
}

function examplesOf(codes: readonly ErrorCode[], example: (code: ErrorCode) => unknown) {
  return Object.fromEntries(
    codes.map((code) => [code, { summary: ERRORS[code].message, value: example(code) }]),
  )
}

/** The body of an error of this code. */
export function errorExample(code: ErrorCode): ErrorAnswer {
  const { message } = ERRORS[code]
  const docs = `${EXAMPLE_ORIGIN}/docs/errors#${code}`
  return { error: { code, message, request_id: EXAMPLE_REQUEST_ID, docs, ...EXTRAS[code] } }
}

function problemExample(code: ErrorCode): ProblemAnswer {
  const { message, status } = ERRORS[code]
  const type = `${EXAMPLE_ORIGIN}/docs/errors#${code}`
  return { type, title: message, status, code, request_id: EXAMPLE_REQUEST_ID, ...EXTRAS[code] }
}
