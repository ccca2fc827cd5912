// Writes the client's types of requests and responses from the server's schemas, so that they need no code of the server.

import { compile, type JSONSchema } from 'json-schema-to-typescript'
import * as z from 'zod/mini'
import { DIMENSIONS } from '../../src/analytics/analytics-store.ts'
import { METRICS } from '../../src/analytics/figures.ts'
import { JOB_METRICS } from '../../src/endpoints/job-figures.ts'
import { jobListParameters } from '../../src/endpoints/job-list/parameters.ts'
import { jobListResponse, listedJob } from '../../src/endpoints/job-list/response.ts'
import { jobVisitorsParameters, MAX_JOB_IDS } from '../../src/endpoints/job-visitors/parameters.ts'
import { jobVisitorsResponse } from '../../src/endpoints/job-visitors/response.ts'
import { siteAnalyticsParameters } from '../../src/endpoints/site-analytics/parameters.ts'
import { siteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { usageParameters } from '../../src/endpoints/usage/parameters.ts'
import { usageResponse } from '../../src/endpoints/usage/response.ts'
import { parameterProblem } from '../../src/http/error-response.ts'
import { ERRORS } from '../../src/http/errors.ts'

type Schema = z.core.$ZodType
type JsonSchema = JSONSchema & { [keyword: string]: unknown }
type ObjectSchema = z.core.$ZodObject

/** Types that have a name wherever they occur. A type may use those above it. */
const NAMED_TYPES = {
  Period: jobVisitorsParameters.shape.period,
  Interval: siteAnalyticsParameters.shape.interval,
  JobMetric: z.enum(JOB_METRICS),
  Metric: z.enum(METRICS),
  Dimension: z.enum(DIMENSIONS),
  JobStatus: jobListParameters.shape.status,
  JobSort: jobListParameters.shape.sort,
  Job: listedJob,
  ParameterProblem: parameterProblem,
  ApiErrorCode: z.enum(Object.keys(ERRORS)),
} satisfies Record<string, Schema>

const RESPONSES = {
  JobVisitorsResponse: jobVisitorsResponse,
  JobListResponse: jobListResponse,
  SiteAnalytics: siteAnalyticsResponse,
  Usage: usageResponse,
} satisfies Record<string, Schema>

/** The parameters of each endpoint that callers of the client set, without those that the client sets itself. It reads JSON. */
const PARAMETERS = {
  JobVisitors: parametersOf(jobVisitorsParameters, ['jobIds', 'format']),
  JobList: parametersOf(jobListParameters, ['format']),
  SiteAnalytics: parametersOf(siteAnalyticsParameters, [
    'format',
    ...DIMENSIONS,
    ...DIMENSIONS.map((name) => `${name}!`),
  ]),
  Usage: parametersOf(usageParameters, ['format']),
}

/** The text of `packages/client/src/wire-types.ts`. */
export async function wireTypes(): Promise<string> {
  const names = new Map<string, string>()
  const types: string[] = []
  for (const [name, schema] of Object.entries(NAMED_TYPES)) {
    const jsonSchema = jsonSchemaOf(schema)
    types.push(await typeOf(name, jsonSchema, names))
    names.set(shapeOf(jsonSchema), name)
  }
  for (const [name, schema] of Object.entries(RESPONSES)) {
    types.push(await typeOf(name, jsonSchemaOf(schema), names))
  }
  for (const [name, properties] of Object.entries(PARAMETERS)) {
    types.push(await parametersType(name, properties, names))
  }
  return [opening(), ...types].join('\n')
}

function opening(): string {
  const periods = stringEnum(jsonSchemaOf(NAMED_TYPES.Period))
  return `// The API's types. Written by \`npm run generate\` from the server's schemas: do not edit.

/** The most jobs that one request may name. */
export const MAX_JOB_IDS = ${MAX_JOB_IDS}

/** All values of \`Period\`. */
export const PERIODS: readonly Period[] = [${periods.map((period) => `'${period}'`).join(', ')}]
`
}

/** An interface in which each parameter is optional and may be undefined, and a list of their names. */
async function parametersType(
  name: string,
  properties: Record<string, JsonSchema>,
  names: ReadonlyMap<string, string>,
): Promise<string> {
  const optional = Object.entries(properties).map(([property, schema]) => {
    const text = inlineType(withNames(schema, names))
    return [camelCase(property), { ...described(schema), tsType: `${text} | undefined` }]
  })
  const type = await typeOf(
    `${name}Parameters`,
    { type: 'object', properties: Object.fromEntries(optional) },
    names,
  )
  const list = Object.keys(properties).map((property) => `'${camelCase(property)}'`)
  const constant = name.replace(/(?<=[a-z])[A-Z]/g, '_$&').toUpperCase()
  return `${type}
/** The names of all \`${name}Parameters\`. */
export const ${constant}_PARAMETERS: readonly string[] = [${list.join(', ')}]
`
}

async function typeOf(name: string, schema: JsonSchema, names: ReadonlyMap<string, string>): Promise<string> {
  const style = { semi: false, singleQuote: true, printWidth: 110 }
  return await compile(withNames(schema, names), name, {
    bannerComment: '',
    additionalProperties: false,
    style,
  })
}

/** Each property of an object's schema as JSON Schema, except some. */
function parametersOf(schema: ObjectSchema, without: readonly string[]): Record<string, JsonSchema> {
  const properties = Object.entries(schema._zod.def.shape).filter(([name]) => !without.includes(name))
  return Object.fromEntries(properties.map(([name, property]) => [name, jsonSchemaOf(property)]))
}

/** The type that the server parses a value into, such as a number; if that has no JSON Schema, the type it accepts. */
function jsonSchemaOf(schema: Schema): JsonSchema {
  try {
    return plain(z.toJSONSchema(schema, { target: 'draft-7', io: 'output' }))
  } catch {
    return plain(z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }))
  }
}

/** A copy without prototypes and hidden properties, which the compiler may change. */
function plain(schema: object): JsonSchema {
  const { $schema, ...rest } = JSON.parse(JSON.stringify(schema))
  return rest
}

/** The schema with every part that equals a named type replaced by its name. */
function withNames(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  const name = names.get(shapeOf(schema))
  if (name) return { ...described(schema), tsType: name }
  const parts = Object.entries(schema).map(([keyword, part]) => [keyword, partWithNames(part, names)])
  return Object.fromEntries(parts)
}

function partWithNames(part: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(part)) return part.map((item) => partWithNames(item, names))
  return typeof part === 'object' && part !== null ? withNames(part as JsonSchema, names) : part
}

/** A parameter's type in one line. */
function inlineType({ tsType, type, items, enum: values, const: only }: JsonSchema): string {
  if (tsType) return tsType
  if (only !== undefined) return quoted(only)
  if (values) return values.map(quoted).join(' | ')
  if (type === 'array' && items && !Array.isArray(items)) return `readonly (${inlineType(items)})[]`
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'string' || type === 'boolean') return type
  throw new TypeError(
    `A parameter of type ${JSON.stringify(type)} cannot be written as a type of the client.`,
  )
}

/** What makes two schemas the same type: everything but default and description. */
function shapeOf({ default: _, description: __, ...shape }: JsonSchema): string {
  return JSON.stringify(shape)
}

function described({ description }: JsonSchema): { description?: string } {
  return description === undefined ? {} : { description }
}

function stringEnum({ enum: values = [] }: JsonSchema): string[] {
  return values.map(String)
}

function quoted(value: unknown): string {
  return `'${String(value)}'`
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
