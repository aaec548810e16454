/** An SMTP server on loopback: enough of RFC 5321 to take an email, and to misbehave on demand. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

export interface ReceivedMail {
  readonly from: string
  readonly recipients: readonly string[]
  readonly content: string
}

export interface SmtpServer {
  readonly url: string
  readonly received: readonly ReceivedMail[]
  /** How often somebody connected. */
  connections(): number
  /**
   * What it does from now on: take emails, answer RCPT TO with this line, or never say anything.
   */
  behave(as: 'kind' | 'silent' | `${number} ${string}`): void
  close(): Promise<void>
}

export async function startSmtpServer(): Promise<SmtpServer> {
  const received: ReceivedMail[] = []
  const sockets = new Set<Socket>()
  let behaviour: string = 'kind'
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    if (behaviour !== 'silent') converse(socket, received, () => (behaviour === 'kind' ? '250 ok' : behaviour))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the SMTP server has no port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    connections: () => connections,
    behave: (as) => {
      behaviour = as
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function converse(socket: Socket, received: ReceivedMail[], answerToRecipient: () => string): void {
  const say = (line: string) => socket.write(`${line}\r\n`)
  let buffered = ''
  let inContent = false
  let from = ''
  let recipients: string[] = []
  say('220 loopback ESMTP')
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    buffered += chunk
    for (;;) {
      const endSession = buffered.indexOf(inContent ? '\r\n.\r\n' : '\r\n')
      if (endSession < 0) return
      const line = buffered.slice(0, endSession)
      buffered = buffered.slice(endSession + (inContent ? 5 : 2))
      if (inContent) {
        received.push({ from, recipients, content: line })
        inContent = false
        say('250 taken')
      } else if (/^MAIL FROM:/i.test(line)) {
        from = line.slice(10)
        recipients = []
        say('250 ok')
      } else if (/^RCPT TO:/i.test(line)) {
        recipients.push(/<(.*)>/.exec(line)?.[1] ?? '')
        say(answerToRecipient())
      } else if (line === 'DATA') {
        inContent = true
        say('354 go on')
      } else if (line === 'QUIT') {
        say('221 bye')
        socket.end()
      } else say('250 ok')
    }
  })
}
