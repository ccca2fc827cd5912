// Job titles made of a role, sometimes a rank, and a place.
import type { Random } from './random.ts'

const ROLES = [
  ...['Backend Engineer', 'Frontend Engineer', 'Data Engineer', 'Site Reliability Engineer', 'QA Engineer'],
  ...[
    'Mobile Developer',
    'Security Engineer',
    'Machine Learning Engineer',
    'Product Designer',
    'UX Researcher',
  ],
  ...['Product Manager', 'Technical Writer', 'Engineering Manager', 'Data Analyst', 'Solutions Architect'],
  ...[
    'Account Executive',
    'Customer Success Manager',
    'Sales Development Representative',
    'Content Strategist',
  ],
  ...[
    'Financial Controller',
    'Payroll Specialist',
    'Office Manager',
    'Talent Acquisition Partner',
    'Paralegal',
  ],
  ...['Registered Nurse', 'Physiotherapist', 'Pharmacist', 'Care Assistant', 'Dental Hygienist'],
  ...['Warehouse Team Lead', 'Forklift Operator', 'Delivery Driver', 'Supply Chain Planner', 'Buyer'],
  ...['Electrician', 'HVAC Technician', 'CNC Machinist', 'Welder', 'Maintenance Engineer'],
  ...['Sous Chef', 'Barista', 'Hotel Receptionist', 'Store Manager', 'Primary School Teacher'],
] as const

const RANKS = ['', '', '', 'Senior ', 'Senior ', 'Junior ', 'Lead '] as const
const TERMS = ['', '', '', '', ' (Part-Time)', ' (Remote)', ' (Night Shift)', ' (12 Months)'] as const

/** A posting's title, and the last part of its path: ASCII, lower case, hyphens. */
export type JobTitle = { readonly title: string; readonly slug: string }

/** Draws titles that are all different within one site. */
export function drawJobTitles(random: Random, count: number, places: readonly string[]): JobTitle[] {
  const titles = new Map<string, JobTitle>()
  while (titles.size < count) {
    const place = random.pick(places)
    const title = `${random.pick(RANKS)}${random.pick(ROLES)}${random.pick(TERMS)}, ${place}`
    titles.set(title, { title, slug: slugOf(title) })
  }
  return [...titles.values()]
}

function slugOf(title: string): string {
  const ascii = title.normalize('NFD').replace(/\p{Mark}/gu, '')
  return ascii
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
