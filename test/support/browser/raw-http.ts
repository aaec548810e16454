/** Bytes on a socket, for what no client would send. */
import { connect } from 'node:net'

/** Writes these bytes and reads until the other side ends, or pauses after a whole answer. */
export function sendRaw(port: number, bytes: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    let pause: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(pause)
      socket.destroy()
      done({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text })
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      clearTimeout(pause)
      pause = setTimeout(finish, 300)
    })
    socket.on('error', finish).on('end', finish).on('close', finish)
    socket.write(bytes, 'latin1')
  })
}
