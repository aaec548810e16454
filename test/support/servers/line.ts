/** A line to a server that can go wrong: a TCP proxy on a port of its own. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Ill =
  /** Connections are taken, nothing goes through. */
  | { readonly kind: 'blackhole' }
  /** What the server answers comes later. */
  | { readonly kind: 'slow'; readonly byMs: number }
  /** What the server answers comes as noise. */
  | { readonly kind: 'garbage' }
  /** There is no connection, old or new. */
  | { readonly kind: 'cut' }

export interface Line {
  readonly port: number
  /** Every connection from now on, and those there are, are ill. */
  fall(ill: Ill): void
  heal(): void
  close(): Promise<void>
}

/** The address of the same database through the line. */
export function throughLine(url: string, { port }: Line): string {
  return Object.assign(new URL(url), { port: `${port}` }).href
}

export async function startLine(to: number): Promise<Line> {
  let ill: Ill | undefined
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    if (ill?.kind === 'cut') return near.destroy()
    const far = connect(to, '127.0.0.1')
    for (const [socket, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    near.on('data', (sent) => {
      if (ill?.kind !== 'blackhole') far.write(sent)
    })
    far.on('data', (answer) => {
      if (ill === undefined) near.write(answer)
      if (ill?.kind === 'garbage') near.write(Buffer.from(answer.map((byte) => byte ^ 0x5a)))
      if (ill?.kind === 'slow') setTimeout(() => near.writable && near.write(answer), ill.byMs)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    fall(fault) {
      ill = fault
      if (fault.kind === 'cut') hangUp()
    },
    heal() {
      ill = undefined
    },
    async close() {
      hangUp()
      server.close()
      await once(server, 'close')
    },
  }
}
