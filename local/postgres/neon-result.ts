// A statement's result in the shape Neon's SQL-over-HTTP protocol gives it, as raw text or as JSON values.
import { types } from 'pg'
import { parse as parseArray } from 'postgres-array'
import type { SqlResult } from './postgres-backend.ts'

/** The type of an array's elements by the array type's OID. */
export type ElementTypes = ReadonlyMap<number, number>

/** How a client wants its rows: values as text or JSON (`elementTypes` given), each row an array or an object. */
export interface RowShape {
  arrayMode: boolean
  /** Absent: every value is Postgres' text, as the driver asks for. */
  elementTypes?: ElementTypes
}

const typeOids = types.builtins
const numberTypes = new Set<number>([typeOids.INT2, typeOids.INT4, typeOids.FLOAT4, typeOids.FLOAT8])
const jsonTypes = new Set<number>([typeOids.JSON, typeOids.JSONB])

/** The body of a 200 response, or one entry of a batch's `results`. */
export function toNeonResult({ fields, rows, command, rowCount }: SqlResult, shape: RowShape): object {
  const { arrayMode, elementTypes } = shape
  const valueRows = elementTypes
    ? rows.map((row) => row.map((text, index) => toJsonValue(text, fields[index]?.dataTypeID, elementTypes)))
    : rows
  return {
    rowAsArray: arrayMode,
    fields: fields.map((field) => ({ ...field, format: 'text' })),
    rows: arrayMode
      ? valueRows
      : valueRows.map((row) => Object.fromEntries(fields.map((field, index) => [field.name, row[index]]))),
    command,
    rowCount,
  }
}

/** Numbers that JSON can hold exactly, booleans, JSON values, and arrays of these. Every other type stays text. */
function toJsonValue(text: string | null, type: number | undefined, elementTypes: ElementTypes): unknown {
  if (text === null || type === undefined) return text
  const elementType = elementTypes.get(type)
  if (elementType !== undefined) return mapArray(parseArray(text), elementType, elementTypes)
  if (type === typeOids.BOOL) return text === 't'
  if (jsonTypes.has(type)) return JSON.parse(text)
  if (!numberTypes.has(type)) return text
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

function mapArray(parsed: unknown, elementType: number, elementTypes: ElementTypes): unknown {
  if (Array.isArray(parsed)) return parsed.map((item) => mapArray(item, elementType, elementTypes))
  return toJsonValue(typeof parsed === 'string' ? parsed : null, elementType, elementTypes)
}
