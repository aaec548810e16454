/** Calls of administrators, for the test that holds each response against the OpenAPI document. */
import { expect } from 'vitest'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import type { PageRequest } from '../browser/test-browser.ts'
import { operatorTokenOf } from '../gatehouse/administrators.ts'
import { tokenFor } from '../gatehouse/connections.ts'
import { codeAfter } from '../gatehouse/second-factors.ts'
import type { TestGatehouse } from '../gatehouse/test-gatehouse.ts'

type Values = Readonly<Record<string, string>>

interface Answered {
  readonly status: number
  readonly body: ReturnType<typeof JSON.parse>
}

/** Sends a call by its `operationId`, and checks its response. */
export type Ask = (id: string, values: Values, requested: PageRequest, token?: string) => Promise<Answered>

/** "for an administrator who …" */
export const adminCalls: Readonly<Record<string, (ask: Ask, gatehouse: TestGatehouse) => Promise<void>>> = {
  'reads and shares sign-ins': async (ask, gatehouse) => {
    const admin = await tokenFor(gatehouse, 'admin@mail.test')
    const listed = await ask('listSignIns', {}, {}, admin)
    expect(listed.status).toBe(200)
    const [{ reference }] = listed.body.signIns
    expect((await ask('getSignIn', { reference }, {}, admin)).body).toMatchObject({ reference, tenant: 'acme' })
    expect((await ask('getSignIn', { reference: 'unknown' }, {}, admin)).status).toBe(404)
    expect((await ask('listSignInFailures', {}, {}, admin)).status).toBe(200)
    expect((await ask('shareSignIn', { reference }, { json: { lifetime: '1h' } }, admin)).status).toBe(201)
  },
  'reads and probes connections': async (ask, gatehouse) => {
    const admin = await tokenFor(gatehouse, 'admin@mail.test')
    const key = { tenant: 'acme', connection: 'okta' }
    const probed = await ask('probeConnection', key, { json: {} }, admin)
    expect(probed).toMatchObject({ status: 200, body: { ...key, probe: { checks: expect.any(Array) } } })
    expect((await ask('probeConnection', key, { json: {} }, admin)).status).toBe(429)
    expect((await ask('getConnectionState', key, {}, admin)).status).toBe(200)
    expect((await ask('getConnectionState', { ...key, tenant: 'beta' }, {}, admin)).status).toBe(404)
    const created = await ask('createSetupLink', key, { json: { lifetime: '1d' } }, admin)
    expect(created).toMatchObject({ status: 201, body: { url: expect.stringContaining('/t/acme/okta/setup/') } })
    expect((await ask('revokeSetupLink', key, {}, admin)).status).toBe(204)
    expect((await ask('listConnectionStates', {}, {}, admin)).body.connections).toHaveLength(2)
  },
  'reads the configuration': async (ask, gatehouse) => {
    const admin = await tokenFor(gatehouse, 'admin@mail.test')
    expect((await ask('listTenants', {}, {}, admin)).body.tenants).toMatchObject([{ id: 'acme' }])
    expect((await ask('getConfiguration', { tenant: 'acme' }, {}, admin)).body.settings.length).toBeGreaterThan(5)
    expect((await ask('getConfiguration', { tenant: 'unknown' }, {}, admin)).status).toBe(404)
  },
  'changes signing keys': async (ask, gatehouse) => {
    const operator = await operatorTokenOf(gatehouse)
    expect((await ask('listSigningKeys', {}, {}, operator)).body.keys.length).toBeGreaterThan(1)
    expect((await ask('rotateSigningKeys', {}, { json: {} }, operator)).status).toBe(409)
    const { id } = (await ask('rotateSigningKeys', {}, { json: { now: true } }, operator)).body.keys[0]
    expect((await ask('retireSigningKey', { id }, { json: {} }, operator)).status).toBe(200)
    expect((await ask('retireSigningKey', { id: 'unknown' }, { json: {} }, operator)).status).toBe(404)
  },
  'sets up and resets second factors': async (ask, gatehouse) => {
    let admin = await tokenFor(gatehouse, 'admin@mail.test')
    const started = await ask('startTotp', {}, {}, admin)
    expect(started.status).toBe(201)
    const { enrollment, secret, uri, qrCode } = started.body
    expect(uri).toContain(`secret=${secret}`)
    expect(qrCode).toMatch(/^<svg xmlns=.*<\/svg>$/)
    const confirm = (code: string) => ask('confirmTotp', {}, { json: { enrollment, code, name: 'Phone' } }, admin)
    expect((await ask('createRecoveryCodes', {}, {}, admin)).status).toBe(409)
    expect((await confirm('000000')).status).toBe(401)
    const { status, body } = await confirm(codeAt(seedOf(secret), gatehouse.core.parts.now()))
    expect({ status, ...body }).toMatchObject({ status: 201, kind: 'totp', name: 'Phone' })
    expect((await confirm('000000')).status).toBe(403)
    const proof = { method: 'totp', code: codeAfter(gatehouse, seedOf(secret)) }
    admin = (await ask('stepUp', {}, { json: proof }, admin)).body.token
    expect((await confirm('000000')).status).toBe(400)
    expect((await confirm('000000')).status).toBe(400)
    const rename = (id: string) => ask('renameAuthenticator', { id }, { json: { name: 'Old phone' } }, admin)
    expect((await rename(body.id)).body.name).toBe('Old phone')
    expect((await rename('unknown')).status).toBe(404)
    expect((await ask('createRecoveryCodes', {}, {}, admin)).body.codes).toHaveLength(10)
    const listed = { authenticators: [{ id: body.id, name: 'Old phone' }], recoveryCodes: { left: 10 } }
    expect((await ask('listAuthenticators', {}, {}, admin)).body).toMatchObject(listed)
    expect((await ask('listRememberedDevices', {}, {}, admin)).body).toEqual({ devices: [] })
    expect((await ask('deleteRememberedDevice', { id: 'unknown' }, {}, admin)).status).toBe(404)
    expect((await ask('deleteRememberedDevices', {}, {}, admin)).body).toEqual({ forgotten: 0 })
    const [{ id }] = (await ask('searchUsers', { query: '?email=admin@mail.test' }, {}, admin)).body.users
    expect((await ask('listUserAuthenticators', { id }, {}, admin)).body).toMatchObject(listed)
    expect((await ask('deleteAuthenticator', { id: body.id }, {}, admin)).status).toBe(204)
    expect((await ask('resetUserAuthenticators', { id }, {}, admin)).body).toEqual({ removed: 0 })
    expect((await ask('resetUserAuthenticators', { id: 'unknown' }, {}, admin)).status).toBe(404)
  },
}
