/** A line to a server that can go wrong: a TCP proxy on a port of its own. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type NetworkFailure =
  /** Connections are taken, nothing goes through. */
  | { readonly kind: 'blackhole' }
  /** What the server answers comes later. */
  | { readonly kind: 'slow'; readonly byMs: number }
  /** What the server answers comes as noise. */
  | { readonly kind: 'garbage' }
  /** There is no connection, old or new. */
  | { readonly kind: 'cut' }

export interface FaultyProxy {
  readonly port: number
  /** Every connection from now on, and those there are, are ill. */
  fail(failure: NetworkFailure): void
  recover(): void
  close(): Promise<void>
}

/** The address of the same database through the line. */
export function throughProxy(url: string, { port }: FaultyProxy): string {
  return Object.assign(new URL(url), { port: `${port}` }).href
}

export async function startFaultyProxy(to: number): Promise<FaultyProxy> {
  let failure: NetworkFailure | undefined
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    if (failure?.kind === 'cut') return client.destroy()
    const upstream = connect(to, '127.0.0.1')
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (sent) => {
      if (failure?.kind !== 'blackhole') upstream.write(sent)
    })
    upstream.on('data', (answer) => {
      if (failure === undefined) client.write(answer)
      if (failure?.kind === 'garbage') client.write(Buffer.from(answer.map((byte) => byte ^ 0x5a)))
      if (failure?.kind === 'slow') setTimeout(() => client.writable && client.write(answer), failure.byMs)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    fail(fault) {
      failure = fault
      if (fault.kind === 'cut') hangUp()
    },
    recover() {
      failure = undefined
    },
    async close() {
      hangUp()
      server.close()
      await once(server, 'close')
    },
  }
}
