// A person whom the platform has signed in to the console.

/** What a person may do: an `admin` also changes API keys. */
export const ROLES = ['admin', 'viewer'] as const
/** The role of a person. */
export type Role = (typeof ROLES)[number]

/** A person of an organization, as the platform names them. */
export interface Person {
  organizationId: string
  /** The platform's ID of the person. */
  id: string
  name: string | null
  role: Role
}

/** How long a session lasts, in seconds. */
export const SESSION_SECONDS = 8 * 3_600
