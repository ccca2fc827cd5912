// The endpoints of the reference, in the order it shows them. A new endpoint is one more line.

import type { ChangeReference, EndpointReference } from '../../src/endpoints/endpoint-reference.ts'
import { jobListReference } from '../../src/endpoints/job-list/reference.ts'
import { jobVisitorsReference } from '../../src/endpoints/job-visitors/reference.ts'
import { CHANGE_REFERENCES, keyAuditReference, keyListReference } from '../../src/endpoints/keys/reference.ts'
import { siteAnalyticsReference } from '../../src/endpoints/site-analytics/reference.ts'
import { healthReference, readyReference } from '../../src/endpoints/status/reference.ts'
import { usageReference } from '../../src/endpoints/usage/reference.ts'

/** Every endpoint of the API that is read. */
export const ENDPOINTS: readonly EndpointReference[] = [
  jobVisitorsReference,
  siteAnalyticsReference,
  jobListReference,
  usageReference,
  keyListReference,
  keyAuditReference,
  healthReference,
  readyReference,
]

/** Every operation that changes something. */
export const CHANGES: readonly ChangeReference[] = CHANGE_REFERENCES
