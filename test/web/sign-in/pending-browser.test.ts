import type { Request } from 'express'
import { expect, it } from 'vitest'
import { browserHash } from '../../../src/broker/login/transaction.ts'
import { browserForNewLogin } from '../../../src/web/sign-in/pending-browser.ts'
import { keyRing } from '../../support/store/samples.ts'

const cookie = { secure: true } as Parameters<typeof browserForNewLogin>[1]['cookie']
const ports = { cookie, keyRing, parts: { random: () => Buffer.alloc(32) } }

const requestWith = (name: string, context = name) => {
  const value = keyRing.seal('browser', context).toString('base64url')
  return { headers: { cookie: `${name}=${value}` } } as Request
}

it.each(['__Host-gatehouse_pre_session', '__Host-gatehouse_visitor'])(
  'binds a login to the browser with the cookie %s',
  async (name) => {
    const browser = await browserForNewLogin(requestWith(name), ports)
    expect(browser).toEqual({ hash: browserHash('browser'), isNew: false })
  },
)

it('takes no cookie sealed as another', async () => {
  const request = requestWith('__Host-gatehouse_visitor', '__Host-gatehouse_pre_session')
  expect((await browserForNewLogin(request, ports)).isNew).toBe(true)
})
