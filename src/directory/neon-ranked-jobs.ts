// The jobs of an organization that the analytics store counted, ranked: the part of statements that maps its rows to jobs.

import * as z from 'zod/mini'
import type { Parameter } from '../stores/neon-client.ts'
import type { Credential, JobRanking, RankedJobs } from './directory.ts'
import { credentialPart, ORGANIZATION_COLUMN, organizationColumn } from './neon-credential.ts'

const OWNER = '(select organization_id from credential)'

/**
 * The common table expression `ranked (id, weight)`: each own job that meets the conditions and has one of the keys, and the
 * sum of its weights. Rates are not summed: the one of a job's main path counts. `offset 0` makes Postgres look up each key:
 * it would read all jobs of the organization otherwise, since it does not see how many there are.
 */
export function rankedTable(
  { jobKey, keys, weights, isRate }: JobRanking,
  conditions: string,
  parameter: (value: Parameter) => string,
): string {
  const type = jobKey === 'id' ? 'uuid' : 'text'
  const counted = `unnest(${parameter(keys)}::${type}[], ${parameter(weights)}::float8[]) k (key, weight)`
  const jobsWith = (
    isMain: boolean,
    condition: string,
  ) => `select j.id, k.weight, ${isMain} as is_main from ${counted}
    cross join lateral (select j.id from jobs j where ${condition}${conditions} offset 0) j`
  const own = `j.organization_id = ${OWNER}`
  const byId = jobsWith(true, `j.id = k.key and ${own}`)
  const byPath = jobsWith(
    true,
    `${own} and hashtextextended(j.path, 0) = hashtextextended(k.key, 0) and j.path = k.key`,
  )
  const byFurtherPath = jobsWith(
    false,
    `j.paths <> '{}' and array[j.organization_id] @> array[${OWNER}]
      and path_hashes(j.paths) @> array[hashtextextended(k.key, 0)] and k.key = any(j.paths) and k.key <> j.path`,
  )
  const weight = isRate ? 'coalesce(max(weight) filter (where is_main), max(weight))' : 'sum(weight)'
  return `ranked as materialized (
    select id, ${weight} as weight
    from (${jobKey === 'id' ? byId : `${byPath} union all ${byFurtherPath}`}) j group by id
  )`
}

/** The statement that lists the ranked jobs themselves, and its parameters. */
export function rankedJobsStatement(
  credential: Credential,
  ranking: JobRanking,
  { limit, offset }: { limit: number; offset: number },
): { text: string; parameters: Parameter[] } {
  const owner = credentialPart(credential)
  const parameters: Parameter[] = [owner.parameter]
  const parameter = (value: Parameter) => `$${parameters.push(value)}`
  const text = `${owner.text}, ${rankedTable(ranking, '', parameter)}
select ${ORGANIZATION_COLUMN}, (
  select coalesce(json_agg(json_build_object('id', j.id, 'title', j.title, 'paths', array[j.path] || j.paths)
    order by r.weight desc, r.id), '[]')
  from (select * from ranked order by weight desc, id limit ${parameter(limit)} offset ${parameter(offset)}) r
  cross join lateral (select * from jobs j where j.id = r.id and j.organization_id = c.organization_id offset 0) j
) as jobs, (select count(*)::int from ranked) as total from credential c`
  return { text, parameters }
}

const paths = z.tuple([z.string()], z.string())

/** The schema of that statement's row. */
export const rankedJobsRow = z.object({
  organization: organizationColumn,
  jobs: z.array(z.object({ id: z.string(), title: z.string(), paths })),
  total: z.int(),
}) satisfies z.core.$ZodType<RankedJobs>
