/** How a new deployment gets its first operator. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeOperator } from '../../support/gatehouse/administrators.ts'
import { browserOf } from '../../support/gatehouse/connections.ts'
import { oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

let folder: string
let okta: Awaited<ReturnType<typeof oktaFor>>
let server: TestGatehouse
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-operator-'))
  okta = await oktaFor()
  server = await startTestGatehouse({ okta, folder })
})
afterAll(async () => {
  await server.stop()
  await okta.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

interface Line {
  readonly msg: string
  readonly level: number
  readonly command?: string
  readonly admin?: string
}
const linesOf = ({ logged }: TestGatehouse) => logged.map((line): Line => JSON.parse(line))
const announced = (of: TestGatehouse) => linesOf(of).filter(({ msg }) => msg.startsWith('no user is an operator yet'))

describe('while no user is an operator', () => {
  it('the start says once how to become one', async () => {
    await expect.poll(() => announced(server), waitOptions).toHaveLength(1)
    expect(announced(server)[0]).toMatchObject({
      level: 30,
      command: 'gatehouse roles assign operator --tenant acme --user <proven email>',
      admin: 'https://login.gatehouse.test/admin',
    })
  })

  it('/admin tells a signed-in user the command, with their proven email', async () => {
    const { status, body } = await (await browserOf(server, 'ada@mail.test')).open('/admin')
    expect(status).toBe(403)
    expect(body).toContain('gatehouse roles assign operator --tenant acme --user ada@mail.test')
  })
})

describe('once a user is an operator', () => {
  it('/admin no longer explains it, and opens for the operator only', async () => {
    const ada = await browserOf(server, 'ada@mail.test')
    await makeOperator(server, 'ada@mail.test')
    expect((await ada.open('/admin')).status).toBe(200)
    const { status, body } = await (await browserOf(server, 'bob@mail.test')).open('/admin')
    expect([status, body.includes('has no operator yet')]).toEqual([403, false])
  })

  it('the next start says nothing', async () => {
    await server.stop()
    server = await startTestGatehouse({ okta, folder })
    // the last line of a start, after which nothing could follow
    await expect.poll(() => linesOf(server).some(({ msg }) => msg === 'listening'), waitOptions).toBe(true)
    await browserOf(server, 'carol@mail.test')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(announced(server)).toEqual([])
  })
})
