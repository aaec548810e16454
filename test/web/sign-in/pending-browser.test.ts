import type { Request } from 'express'
import { expect, it } from 'vitest'
import { browserHash } from '../../../src/broker/login/transaction.ts'
import { ensureBrowser } from '../../../src/web/sign-in/pending-browser.ts'
import { keyRing } from '../../support/store/samples.ts'

const cookie = { secure: true } as Parameters<typeof ensureBrowser>[0]['shell']['cookie']
const shell = { cookie, keyRing, parts: { random: () => Buffer.alloc(32) } }

const requestWith = (name: string, context = name) => {
  const value = keyRing.seal('browser', context).toString('base64url')
  const session = { save: (done: () => void) => done() }
  return { headers: { cookie: `${name}=${value}` }, session } as unknown as Request
}

it.each(['__Host-gatehouse_pre_session', '__Host-gatehouse_visitor'])(
  'binds a login to the browser with the cookie %s, and keeps its ID in the record',
  async (name) => {
    const request = requestWith(name)
    expect(await ensureBrowser({ shell, request })).toMatchObject({ hash: browserHash('browser'), isNew: false })
    expect(request.session.browserId).toBe('browser')
  },
)

it('takes no cookie sealed as another', async () => {
  const request = requestWith('__Host-gatehouse_visitor', '__Host-gatehouse_pre_session')
  expect((await ensureBrowser({ shell, request })).isNew).toBe(true)
})
