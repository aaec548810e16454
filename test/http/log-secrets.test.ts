import { expect, it } from 'vitest'
import { openLog } from '../../src/main/log.ts'

const lines: string[] = []
const log = openLog('info', { write: (line) => void lines.push(line) })

function logged(line: object): Record<string, unknown> {
  log.info(line, 'request')
  return JSON.parse(lines.at(-1) ?? '')
}

it.each(['password', 'token', 'secret', 'authorization', 'cookie', 'id_token', 'client_secret'])(
  'LK-01 replaces a member %s of what is logged, and leaves the object alone',
  (name) => {
    const headers = { [name]: 'gth_s_private', host: 'acme.test' }
    expect(logged({ headers, status: 200 })).toMatchObject({ headers: { [name]: '[secret]', host: 'acme.test' } })
    expect(lines.at(-1)).not.toContain('private')
    expect(headers[name]).toBe('gth_s_private')
  },
)

it('LK-01 replaces a member of an error, whose message stays', () => {
  const error = Object.assign(new TypeError('refused'), { token: 'private' })
  expect(logged(error)).toMatchObject({ err: { type: 'TypeError', message: 'refused', token: '[secret]' } })
})

it('LK-01 replaces a member of a frozen object', () => {
  expect(logged({ grant: Object.freeze({ token: 'private', id: 'g' }) })).toMatchObject({
    grant: { token: '[secret]', id: 'g' },
  })
})

it('logs other lines as they are', () => {
  const line = { method: 'GET', status: 200, users: ['ann'], nothing: null }
  expect(logged(line)).toMatchObject({ ...line, msg: 'request' })
})
