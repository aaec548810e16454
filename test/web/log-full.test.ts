import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'

it.runIf(process.platform === 'linux')(
  'FT-30 a full log disk stops nothing',
  async () => {
    const main = new URL('../../src/main/log.ts', import.meta.url).href
    const script = `import { openLog } from ${JSON.stringify(main)}
const log = openLog('info')
let turns = 0
setInterval(() => {
  for (let line = 0; line < 500; line += 1) log.info({ line }, 'x'.repeat(100))
  turns += 1
  if (turns === 20) process.stderr.write('still here', () => process.kill(process.pid, 'SIGKILL'))
}, 20)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    })
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
    const [said] = await Promise.all([child.stderr === null ? '' : text(child.stderr), once(child, 'exit')])
    clearTimeout(late)
    expect(said).toBe('still here')
  },
  20_000,
)
