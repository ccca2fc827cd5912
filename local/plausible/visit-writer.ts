// Writes events into the stand-in's tables and updates every visitor's sessions.
import type { DatabaseSync } from 'node:sqlite'
import { type SessionEvent, splitIntoSessions } from './sessions.ts'
import {
  acquisitionJson,
  prepareAcquisitions,
  preparePropertySets,
  prepareVisitors,
  propertiesJson,
} from './visit-dictionaries.ts'
import type { Visit } from './visit-line.ts'
import { indexVisitTables } from './visit-tables.ts'

type EventRow = SessionEvent & { readonly hostname: string; readonly propertySetId: number }

/** Stores events in any order: all of them, or none if it throws. */
export type VisitWriter = (visits: readonly Visit[], siteIdOf: (domain: string) => number) => void

/** Prepares the statements once. The caller finds the sites (`siteIdOf` may create one). */
export function createVisitWriter(db: DatabaseSync): VisitWriter {
  const internVisitor = prepareVisitors(db)
  const internProps = preparePropertySets(db)
  const internAcquisition = prepareAcquisitions(db)
  const takeEvents = prepareTakingEvents(db)
  const writeSessions = prepareSessions(db)

  function writeSite(siteId: number, visits: readonly Visit[]): void {
    const propertySetOf = remember((props: string) => internProps(props))
    const acquisitionOf = remember((values: string) => internAcquisition(values))
    for (const [visitor, own] of Map.groupBy(visits, (visit) => visit.visitor)) {
      const { id, isNew } = internVisitor(siteId, visitor)
      const events = own.map((visit) => ({
        timestamp: visit.timestamp,
        name: visit.name,
        pathname: visit.pathname,
        hostname: visit.hostname ?? visit.domain,
        propertySetId: propertySetOf(propertiesJson(visit.props)),
        acquisitionId: acquisitionOf(acquisitionJson(visit)),
      }))
      // A late event may join two visits, so all of the visitor's events are written again.
      writeSessions(siteId, id, isNew ? events : [...takeEvents(id), ...events])
    }
  }

  return (visits, siteIdOf) => {
    db.exec('begin')
    try {
      for (const [domain, own] of Map.groupBy(visits, (visit) => visit.domain)) {
        writeSite(siteIdOf(domain), own)
      }
      indexVisitTables(db)
      db.exec('commit')
    } catch (error) {
      db.exec('rollback')
      throw error
    }
  }
}

// Lives for one write only: after a rollback the ids are no longer valid.
function remember(intern: (text: string) => number): (text: string) => number {
  const known = new Map<string, number>()
  return (text) => {
    const id = known.get(text) ?? intern(text)
    known.set(text, id)
    return id
  }
}

function prepareTakingEvents(db: DatabaseSync) {
  const select = db.prepare(
    `select timestamp, name, pathname, hostname, property_set_id, acquisition_id
     from events where visitor_id = ? order by id`,
  )
  const deleteEvents = db.prepare('delete from events where visitor_id = ?')
  const deleteSessions = db.prepare('delete from sessions where visitor_id = ?')
  return (visitorId: number): EventRow[] => {
    const events = select.all(visitorId).map((row) => ({
      timestamp: Number(row['timestamp']),
      name: String(row['name']),
      pathname: String(row['pathname']),
      hostname: String(row['hostname']),
      propertySetId: Number(row['property_set_id']),
      acquisitionId: Number(row['acquisition_id']),
    }))
    deleteEvents.run(visitorId)
    deleteSessions.run(visitorId)
    return events
  }
}

function prepareSessions(db: DatabaseSync) {
  const insertSession = db.prepare(
    `insert into sessions (site_id, visitor_id, acquisition_id, started_at, ended_at, duration, is_bounce, pageviews,
       events, entry_page, exit_page) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertEvent = db.prepare(
    `insert into events (site_id, visitor_id, session_id, timestamp, name, pathname, hostname, property_set_id,
       acquisition_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return (siteId: number, visitorId: number, events: readonly EventRow[]): void => {
    for (const session of splitIntoSessions(events)) {
      const { acquisitionId, startedAt, endedAt, isBounce, pageviews, entryPage, exitPage } = session
      const { lastInsertRowid } = insertSession.run(
        ...[siteId, visitorId, acquisitionId, startedAt, endedAt, endedAt - startedAt, isBounce ? 1 : 0],
        ...[pageviews, session.events.length, entryPage, exitPage],
      )
      for (const event of session.events) {
        const { timestamp, name, pathname, hostname, propertySetId, acquisitionId: own } = event
        insertEvent.run(
          ...[siteId, visitorId, lastInsertRowid, timestamp, name, pathname, hostname, propertySetId, own],
        )
      }
    }
  }
}
