/** Strangers who know only the address cannot keep its owner from signing in by a mailed code. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { codeIn, emailTenants, otherThan } from '../../support/providers/email-tenants.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ tenants: emailTenants, settings: 'trustedProxies: [127.0.0.1]\n' })
})
afterAll(() => server.stop())

const home = '198.51.100.1'
const strangers = (hour: number) => [1, 2, 3].map((each) => `203.0.113.${hour * 10 + each}`)

async function post(path: string, from: string, json: Readonly<Record<string, unknown>>) {
  const headers = { 'x-forwarded-for': from }
  const url = new URL(`/api/v1/sessions/email-code${path}`, publicOrigin)
  const { status, body } = await send(server.port, url, { method: 'POST', json, headers })
  return { status, body: JSON.parse(body) }
}
const ask = (email: string, from: string) => post('', from, { tenant: 'codes', email })
const complete = (from: string, challenge: string, code: string) => post('/complete', from, { challenge, code })

/** Asks for a code and returns it with its challenge. */
async function mailedTo(email: string, from: string, count: number) {
  const { status, body } = await ask(email, from)
  expect(status).toBe(202)
  return { challenge: body.challenge as string, code: codeIn((await server.mail(email, count)).text) }
}

it('RE-04 wrong codes of strangers do not count for the owner', async () => {
  const email = 'guessed@mail.test'
  let mails = 0
  for (const hour of [0, 1]) {
    for (const from of strangers(hour)) {
      mails += 1
      const { challenge, code } = await mailedTo(email, from, mails)
      const statuses: number[] = []
      for (let turn = 0; turn < 6; turn += 1) statuses.push((await complete(from, challenge, otherThan(code))).status)
      expect(statuses).toEqual([401, 401, 401, 401, 401, 400])
      expect((await complete(from, challenge, code)).body.code).toBe('code_expired')
    }
    server.clock.forward(3600)
  }
  const own = await mailedTo(email, home, mails + 1)
  expect((await complete(home, own.challenge, own.code)).status).toBe(201)
})

it('RE-04 mails that strangers ask for do not use up those of a network the owner signed in from', async () => {
  const email = 'bombed@mail.test'
  const first = await mailedTo(email, home, 1)
  expect((await complete(home, first.challenge, first.code)).status).toBe(201)
  server.clock.forward(3600)
  const asked: number[] = []
  for (const from of [...strangers(2), '203.0.113.99']) asked.push((await ask(email, from)).status)
  expect(asked).toEqual([202, 202, 202, 429])
  const own: number[] = []
  for (let turn = 0; turn < 3; turn += 1) own.push((await ask(email, home)).status)
  expect(own).toEqual([202, 202, 429])
  server.clock.forward(30 * 86_400)
  for (const from of strangers(3)) expect((await ask(email, from)).status).toBe(202)
  expect((await ask(email, home)).status).toBe(429)
})

it('PW-01 as many emails are sent whether or not the owner signed in from the network', async () => {
  const allowed: number[][] = []
  const first = await mailedTo('signed-in@mail.test', home, 1)
  expect((await complete(home, first.challenge, first.code)).status).toBe(201)
  server.clock.forward(3600)
  for (const email of ['signed-in@mail.test', 'never@mail.test']) {
    const statuses: number[] = []
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await ask(email, home)).status)
    allowed.push(statuses)
  }
  expect(allowed[0]).toEqual(allowed[1])
})

it('RE-04 after 100 wrong codes of strangers, only known networks and links go on until the owner signs in', async () => {
  const email = 'persistent@mail.test'
  const known = await mailedTo(email, home, 1)
  expect((await complete(home, known.challenge, known.code)).status).toBe(201)
  for (let mail = 0; mail < 20; mail += 1) {
    const from = `203.0.113.${100 + mail}`
    const { challenge, code } = await mailedTo(email, from, mail + 2)
    for (let turn = 0; turn < 5; turn += 1) expect((await complete(from, challenge, otherThan(code))).status).toBe(401)
    server.clock.forward(1800)
  }
  const stranger = await mailedTo(email, '203.0.113.200', 22)
  const refused = await complete('203.0.113.200', stranger.challenge, stranger.code)
  expect([refused.status, refused.body.detail]).toEqual([429, expect.stringContaining('Sign in on the sign-in page')])
  const own = await mailedTo(email, home, 23)
  expect((await complete(home, own.challenge, own.code)).status).toBe(201)
  expect((await complete('203.0.113.200', stranger.challenge, stranger.code)).status).toBe(201)
})
