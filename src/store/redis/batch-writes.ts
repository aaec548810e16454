/** Sends a turn's commands in one write, in order: a system call costs more than a command. */
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
