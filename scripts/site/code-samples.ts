// How to send a request from a shell, from TypeScript and from Python. Each sample is a whole program.

import { CLIENT_SAMPLES } from './client-samples.ts'
import type { Language } from './highlighted-code.ts'
import { exampleText } from './parameter-list.ts'
import { exampleOf, type Operation, type Parameter, takesKey } from './reference-document.ts'

/** The address in every sample. The page puts its own in its place. */
export const EXAMPLE_ORIGIN = 'https://analytics.example.com'

/** What lets a request in: the header, and the environment variable from which every sample takes its secret. */
interface Credential {
  header: string
  prefix: string
  variable: string
}

const API_KEY: Credential = { header: 'x-api-key', prefix: '', variable: 'ANALYTICS_API_KEY' }
const TOKEN: Credential = { header: 'authorization', prefix: 'Bearer ', variable: 'PERSON_TOKEN' }

/** One sample. `name` is what people call its language. */
export interface CodeSample {
  name: string
  language: Language
  code: string
}

/** What the samples of an operation send. */
interface SampleRequest {
  method: string
  path: string
  query: [name: string, value: string][]
  /** JSON. */
  body: string | undefined
  credential: Credential | undefined
  /** Whether the response to a request that succeeds has a body. */
  hasResponseBody: boolean
}

/** The samples of an operation, in the order in which they are shown. */
export function codeSamples(operation: Operation): CodeSample[] {
  const request = sampleRequest(operation)
  return [
    { name: 'curl', language: 'sh', code: curlSample(request) },
    { name: 'TypeScript', language: 'ts', code: CLIENT_SAMPLES[operation.id] ?? fetchSample(request) },
    { name: 'Python', language: 'python', code: pythonSample(request) },
  ]
}

/** With the parameters that are required, or that have an `example`. */
function sampleRequest(operation: Operation): SampleRequest {
  const { method, parameters, body, responses } = operation
  const valuesIn = (place: string) =>
    parameters
      .filter((parameter) => parameter.in === place && isSent(parameter))
      .map((parameter): [string, string] => [parameter.name, exampleText(parameter) ?? ''])
  const path = valuesIn('path').reduce(
    (text, [name, value]) => text.replace(`{${name}}`, value),
    operation.path,
  )
  const json = body && JSON.stringify(exampleOf(body) ?? {})
  return {
    method,
    path,
    query: valuesIn('query'),
    body: json,
    credential: credentialOf(operation),
    hasResponseBody: responses.some(
      ({ status, response }) => status.startsWith('2') && Object.keys(response.content).length > 0,
    ),
  }
}

function credentialOf(operation: Operation): Credential | undefined {
  if (takesKey(operation)) return API_KEY
  return operation.security.includes('token') ? TOKEN : undefined
}

function isSent({ required, example }: Parameter): boolean {
  return required === true || example !== undefined
}

function curlSample({ method, path, query, body, credential }: SampleRequest): string {
  const search = query.map(([name, value]) => `${name}=${value}`).join('&')
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"${EXAMPLE_ORIGIN}${path}${search && `?${search}`}"`,
    ...(credential ? [`-H "${credential.header}: ${credential.prefix}$${credential.variable}"`] : []),
    ...(body ? ["-H 'content-type: application/json'", `-d '${body}'`] : []),
  ].join(' \\\n  ')
}

/** For operations that the client has no call for. */
function fetchSample({ method, path, query, body, credential, hasResponseBody }: SampleRequest): string {
  const headers = [
    ...(credential ? [typescriptHeader(credential)] : []),
    ...(body ? ["'content-type': 'application/json'"] : []),
  ]
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    ...(headers.length > 0 ? [`  headers: { ${headers.join(', ')} },`] : []),
    ...(body ? [`  body: JSON.stringify(${body}),`] : []),
  ]
  const search = query.length > 0 ? `?${new URLSearchParams(query)}` : ''
  const second = options.length > 0 ? `, {\n${options.join('\n')}\n}` : ''
  return `const response = await fetch('${EXAMPLE_ORIGIN}${path}${search}'${second})
if (!response.ok) throw new Error(await response.text())
console.log(${hasResponseBody ? 'await response.json()' : 'response.status'})`
}

function typescriptHeader({ header, prefix, variable }: Credential): string {
  const secret = `process.env['${variable}']`
  const name = header.includes('-') ? `'${header}'` : header
  return prefix ? `${name}: \`${prefix}\${${secret}}\`` : `${name}: ${secret} ?? ''`
}

/** With Python's standard library only. */
function pythonSample({ method, path, query, body, credential, hasResponseBody }: SampleRequest): string {
  const headers = [
    ...(credential ? [pythonHeader(credential)] : []),
    ...(body ? ['"content-type": "application/json"'] : []),
  ]
  const url = `"${EXAMPLE_ORIGIN}${path}${query.length > 0 ? '?" + query' : '"'}`
  const options = [
    ...(method === 'GET' ? [] : [`    method="${method}",`]),
    ...(headers.length > 0 ? [`    headers={${headers.join(', ')}},`] : []),
    ...(body ? [`    data=b'${body}',`] : []),
  ]
  const pairs = query.map(([name, value]) => `    "${name}": "${value}",`)
  const modules = [
    ...(hasResponseBody ? ['json'] : []),
    ...(credential ? ['os'] : []),
    ...(pairs.length > 0 ? ['urllib.parse'] : []),
  ]
  return [
    `import ${[...modules, 'urllib.request'].join(', ')}`,
    '',
    ...(pairs.length > 0 ? ['query = urllib.parse.urlencode({', ...pairs, '})'] : []),
    ...(options.length > 0
      ? ['request = urllib.request.Request(', `    ${url},`, ...options, ')']
      : [`request = urllib.request.Request(${url})`]),
    'with urllib.request.urlopen(request) as response:',
    `    print(${hasResponseBody ? 'json.load(response)' : 'response.status'})`,
  ].join('\n')
}

function pythonHeader({ header, prefix, variable }: Credential): string {
  const secret = `os.environ["${variable}"]`
  return prefix ? `"${header}": "${prefix}" + ${secret}` : `"${header}": ${secret}`
}
