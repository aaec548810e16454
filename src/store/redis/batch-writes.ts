/**
 * Commands of one turn of the event loop leave in one write: with many requests at once a system call each costs more than what it
 * carries. Their order stays, and a command waits for nothing but what the process does in the same turn.
 */
import type { Redis } from 'ioredis'

export function batchWrites(redis: Redis): void {
  redis.on('connect', () => {
    const { stream } = redis
    const write = stream.write.bind(stream)
    let gathering = false
    const release = () => {
      gathering = false
      stream.uncork()
    }
    Object.assign(stream, {
      write(...given: Parameters<typeof write>): boolean {
        if (!gathering) {
          gathering = true
          stream.cork()
          setImmediate(release)
        }
        return write(...given)
      },
    })
  })
}
