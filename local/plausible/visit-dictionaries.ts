// The values that many events share and refer to by id: visitors, sets of properties, and sources of visits.
import type { DatabaseSync } from 'node:sqlite'
import type { Visit } from './visit-line.ts'

/** Returns a function that finds or creates a visitor's id; a new visitor has no events yet. */
export function prepareVisitors(db: DatabaseSync) {
  const insert = db.prepare(
    'insert into visitors (site_id, visitor) values (?, ?) on conflict do nothing returning id',
  )
  const select = db.prepare('select id from visitors where site_id = ? and visitor = ?')
  return (siteId: number, visitor: string): { id: number; isNew: boolean } => {
    const inserted = insert.get(siteId, visitor)
    if (inserted !== undefined) return { id: Number(inserted['id']), isNew: true }
    return { id: Number(select.get(siteId, visitor)?.['id']), isNew: false }
  }
}

/** Returns properties as JSON with sorted keys and string values, so that equal sets have equal text. */
export function propertiesJson(props: Visit['props']): string {
  if (props === undefined) return '{}'
  const keys = Object.keys(props).toSorted()
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, String(props[key])])))
}

/** Returns a function that finds or creates the id of a text from `propertiesJson`. */
export function preparePropertySets(db: DatabaseSync) {
  const insert = db.prepare('insert into property_sets (props) values (?) returning id')
  const select = db.prepare('select id from property_sets where props = ?')
  const insertProperties = db.prepare(
    'insert into properties (set_id, key, value) select ?, key, value from json_each(?)',
  )
  return (json: string): number => {
    const known = select.get(json)
    if (known !== undefined) return Number(known['id'])
    const id = Number(insert.get(json)?.['id'])
    insertProperties.run(id, json)
    return id
  }
}

const ACQUISITION_COLUMNS = [
  ...['source', 'referrer', 'channel', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_content'],
  ...['utm_term', 'country', 'region', 'city', 'device', 'browser', 'os'],
]

/** Returns a visit's attributes as JSON in the order of the columns, so that equal ones have equal text. */
export function acquisitionJson(visit: Visit): string {
  // A visit without any source is direct. Any other channel must be sent with the visit.
  const channel = visit.channel ?? (visit.source || visit.referrer || visit.utm_source ? '' : 'Direct')
  return JSON.stringify([
    ...[visit.source ?? '', visit.referrer ?? '', channel, visit.utm_source ?? '', visit.utm_medium ?? ''],
    ...[visit.utm_campaign ?? '', visit.utm_content ?? '', visit.utm_term ?? '', visit.country ?? ''],
    ...[visit.region ?? '', visit.city ?? 0, visit.device ?? '', visit.browser ?? '', visit.os ?? ''],
  ])
}

/** Returns a function that finds or creates the id of a text from `acquisitionJson`. */
export function prepareAcquisitions(db: DatabaseSync) {
  const values = ACQUISITION_COLUMNS.map((_, index) => `json_extract(?1, '$[${index}]')`)
  const insert = db.prepare(
    `insert into acquisitions (fingerprint, ${ACQUISITION_COLUMNS.join(', ')})
     values (?1, ${values.join(', ')}) returning id`,
  )
  const select = db.prepare('select id from acquisitions where fingerprint = ?')
  return (json: string): number => Number((select.get(json) ?? insert.get(json))?.['id'])
}
