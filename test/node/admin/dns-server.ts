// A DNS server on loopback that serves TXT records and nothing else.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet'

const NAME_ERROR = 3

/** Starts the server. It returns NXDOMAIN for a name that `records` lacks; the text of a record may come in several parts. */
export async function startDnsServer(records: Map<string, string[][]>) {
  const socket = createSocket('udp4')
  socket.on('message', (message, { address, port }) => {
    const query = decode(message)
    const [question] = query.questions ?? []
    const values = records.get(question?.name ?? '')
    const answers = (values ?? []).map((data) => ({ type: 'TXT' as const, name: question?.name ?? '', data }))
    const flags = AUTHORITATIVE_ANSWER | (values === undefined ? NAME_ERROR : 0)
    const answer = {
      type: 'response' as const,
      id: query.id ?? 0,
      flags,
      questions: query.questions ?? [],
      answers,
    }
    socket.send(encode(answer), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise<void>((resolve) => socket.close(resolve)),
  }
}
