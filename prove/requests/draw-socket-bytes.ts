// Draws bytes that no HTTP client would send: broken lines, smuggling attempts, half requests, several at once.

import type { Random } from '../../local/demo/random.ts'

const KEY = 'x-api-key: {{key}}'

/** Bytes as Latin-1, with `{{key}}` for the key. Some are well-formed, so that the connection is seen to work. */
export function drawSocketBytes(random: Random, target: string): string {
  const host = 'Host: 127.0.0.1'
  const end = ['Connection: close', '', ''].join('\r\n')
  const get = (line: string, ...fields: string[]) => [line, host, KEY, ...fields, end].join('\r\n')
  const forms: (() => string)[] = [
    () => get(`GET ${target} HTTP/1.1`),
    () => get(`GET ${target} HTTP/1.0`),
    () => get(`GET ${target} HTTP/9.9`),
    () => get(`get ${target} HTTP/1.1`),
    () => get(`GET http://evil.example${target} HTTP/1.1`),
    () => get('GET * HTTP/1.1'),
    () => get('OPTIONS * HTTP/1.1'),
    () => get(`GET ${target}#fragment HTTP/1.1`),
    () => get('GET /jobs?q=\xff\xfe%ff%fe HTTP/1.1'),
    () => get('GET /jobs?q=a b HTTP/1.1'),
    () => get('GET /jobs?q=\x01\x7f HTTP/1.1'),
    () => get('GET /analytics/site?source=%ED%A0%80&page=%C0%AF HTTP/1.1'),
    () => get(`GET /jobs?q=${'a'.repeat(random.pick([8_000, 40_000]))} HTTP/1.1`),
    () => get(`GET ${target} HTTP/1.1`, `x-long: ${'b'.repeat(random.pick([8_000, 70_000]))}`),
    () => get(`GET ${target} HTTP/1.1`, ...Array.from({ length: 300 }, (_, i) => `x-${i}: ${i}`)),
    () => get(`GET ${target} HTTP/1.1`, 'x-api-key: second'),
    () => get(`GET ${target} HTTP/1.1`, 'Host: evil.example'),
    () => get(`GET ${target} HTTP/1.1`, 'x-bytes: \xe9\xff', 'accept: \xe9'),
    () => get(`GET ${target} HTTP/1.1`, 'x-nul: a\0b'),
    () => get(`GET ${target} HTTP/1.1`, 'folded: a', ' b'),
    () => get(`GET ${target} HTTP/1.1`, 'no colon here'),
    () => get(`POST ${target} HTTP/1.1`, 'Content-Length: 5', 'Transfer-Encoding: chunked'),
    () => get(`POST ${target} HTTP/1.1`, 'Content-Length: -1'),
    () => `${get(`POST ${target} HTTP/1.1`, 'Content-Length: 4')}abcd`,
    () => `${get(`POST ${target} HTTP/1.1`, 'Transfer-Encoding: chunked')}zz\r\nabc`,
    () =>
      `${get(`GET ${target} HTTP/1.1`).replace('Connection: close\r\n', '')}${get('GET /health HTTP/1.1')}`,
    () => get(`GET ${target} HTTP/1.1`).replaceAll('\r\n', '\n'),
    () => get(`GET ${target} HTTP/1.1`).slice(0, random.between(1, 60)),
    () => `GET ${target} HTTP/1.1\r\n\r\n`,
    () => '\r\n\r\n\r\n',
    () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    () =>
      get(
        `GET ${target} HTTP/1.1`,
        'Upgrade: websocket',
        'Sec-WebSocket-Key: x',
        'Sec-WebSocket-Version: 13',
      ),
    () => get(`GET ${target} HTTP/1.1`, 'Expect: 100-continue', 'Content-Length: 3'),
  ]
  return random.pick(forms)()
}
