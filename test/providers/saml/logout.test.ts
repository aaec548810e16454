/** SAML single logout: requests received, requests sent and metadata. */
import { constants, sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encrypted, idpMetadata } from '../../../providers/saml/emulator/response.ts'
import { logoutRequestXml } from '../../../providers/saml/logout/logout-request.ts'
import { type Config, configOf, entityId, idpEntityId, open, piece } from '../../support/providers/saml-forge.ts'
import {
  byPost,
  byRedirect,
  config,
  facts,
  idpSlo,
  loginOf,
  noticeOf,
  queryBy,
  queryOf,
  receiveLogout,
  slo,
  textOf,
} from '../../support/providers/saml-logout.ts'
import { keys, withKey } from '../../support/providers/saml-sign-in.ts'

describe('a logout request of the identity provider', () => {
  const methods = [
    ['HTTP-Redirect', byRedirect],
    ['HTTP-POST', byPost],
  ] as const

  it.each(methods)('names the session that a login opened, by %s', async (_, write) => {
    const { identity, sid } = await loginOf()
    const sessionIndex = sid?.split('.').slice(1).join('.')
    const order = await receiveLogout(write({ sessionIndex }))
    expect(order).toMatchObject({ issuer: identity.issuer, subject: identity.subject, sid })
  })

  it.each(methods)('names all sessions of a person, by %s', async (_, write) => {
    const order = await receiveLogout(write({ sessionIndexes: [] }))
    expect(order).toMatchObject({ issuer: idpEntityId, subject: 'ada' })
    expect(order).not.toHaveProperty('sid')
    expect(await receiveLogout(write({ sessionIndexes: ['one', 'two'] }))).not.toHaveProperty('sid')
  })

  it('is answered with our signed yes, its RelayState beside it', async () => {
    const xml = logoutRequestXml(facts({ id: '_their-request' }))
    const order = await receiveLogout(noticeOf({ query: queryOf(xml, keys.idp, 'a state & more') }))
    expect(order?.answer?.href).toMatch(/^https:\/\/idp\.acme\.test\/slo\?here=1&SAMLResponse=/)
    const answer = await textOf(order?.answer ?? expect.unreachable(), 'SAMLResponse')
    expect(answer.relayState).toBe('a state & more')
    expect(answer.xml).toContain('InResponseTo="_their-request"')
    expect(answer.xml).toContain(`Destination="${idpSlo}"`)
    expect(answer.xml).toContain(`<saml:Issuer>${entityId}</saml:Issuer>`)
    expect(answer.xml).toContain('urn:oasis:names:tc:SAML:2.0:status:Success')
  })

  it.each<[string, () => Config]>([
    ['key', () => configOf(keys, { singleLogoutUrl: idpSlo })],
    ['address', () => withKey()],
  ])('is obeyed and not answered without %s', async (_, changes) => {
    const order = await receiveLogout(byRedirect(), changes())
    expect(order).toMatchObject({ subject: 'ada' })
    expect(order).not.toHaveProperty('answer')
  })

  it('is verified over the bytes of the query, however its sender escapes them', async () => {
    const xml = logoutRequestXml(facts())
    const lower = (text: string) => encodeURIComponent(text).replace(/%../g, (sign) => sign.toLowerCase())
    const algorithm = lower('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
    const content = `SAMLRequest=${lower(deflateRawSync(xml).toString('base64'))}&RelayState=a+b&SigAlg=${algorithm}`
    const signature = lower(sign('sha256', Buffer.from(content), keys.idp.privateKey).toString('base64'))
    const query = `Signature=${signature}&extra=1&${content}`
    expect(await receiveLogout(noticeOf({ query }))).toMatchObject({ subject: 'ada' })
  })

  it.each<[string, (base64: string) => string]>([
    ['with + unescaped', (base64) => base64.replaceAll('/', '%2F').replaceAll('=', '%3D')],
    ['as base64url', (base64) => base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')],
    ['without padding', (base64) => encodeURIComponent(base64.replace(/=+$/, ''))],
  ])('B7: may be written %s', async (_, write) => {
    const algorithm = encodeURIComponent('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
    const message = write(deflateRawSync(logoutRequestXml(facts())).toString('base64'))
    const content = `SAMLRequest=${message}&SigAlg=${algorithm}`
    const signature = write(sign('sha256', Buffer.from(content), keys.idp.privateKey).toString('base64'))
    expect(await receiveLogout(noticeOf({ query: `${content}&Signature=${signature}` }))).toMatchObject({
      subject: 'ada',
    })
  })

  it('names the person with the qualifier that the login had', async () => {
    const written = { NameQualifier: 'https://other.idp', SPNameQualifier: entityId }
    expect(await receiveLogout(byRedirect({ written }))).toMatchObject({ subject: 'https://other.idp!ada' })
  })

  it('names no subject if an attribute identifies users, and then requires a SessionIndex', async () => {
    const changes = { ...config, subjectAttribute: 'uid' }
    const order = await receiveLogout(byRedirect(), changes)
    expect(order?.sid).toBeDefined()
    expect(order).not.toHaveProperty('subject')
    await expect(receiveLogout(byRedirect({ sessionIndexes: [] }), changes)).rejects.toMatchObject({
      check: { name: 'SessionIndex' },
    })
  })

  it('may be signed by RSA-PSS', async () => {
    const made = (content: Buffer) =>
      sign('sha256', content, { key: keys.idp.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
    const query = queryBy('http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', made)
    expect(await receiveLogout(noticeOf({ query }))).toMatchObject({ subject: 'ada' })
  })

  it('SA-89 that names another person never names the session', async () => {
    const { sid = '' } = await loginOf()
    const order = await receiveLogout(byRedirect({ nameId: 'eve', sessionIndex: sid.split('.')[1] }))
    expect(order?.subject).toBe('eve')
    expect(order?.sid).not.toBe(sid)
  })
})

describe('signing out of Gatehouse', () => {
  const returnTo = new URL('https://gatehouse.test/t/acme/okta/signed-out')
  const authenticate = async (changes: Config = config) => {
    const { memo = {} } = await loginOf(changes)
    return open(changes).logout?.start?.(memo, returnTo)
  }

  it('asks the identity provider, signed, to end the session that the login opened', async () => {
    const url = (await authenticate()) ?? expect.unreachable()
    expect(url.href).toMatch(/^https:\/\/idp\.acme\.test\/slo\?here=1&SAMLRequest=/)
    const { xml } = await textOf(url, 'SAMLRequest')
    expect(xml).toContain(`Destination="${idpSlo}"`)
    expect(xml).toMatch(/<saml:NameID Format="[^"]*persistent">ada<\/saml:NameID><samlp:SessionIndex>_\w+-session</)
  })

  it('knows the address by metadata too', async () => {
    const [address, logoutAddress] = ['https://idp.acme.test/sso', 'https://idp.acme.test/out']
    const certificates = [keys.idp.certificate]
    const metadata = idpMetadata({ entityId: idpEntityId, address, certificates, logoutAddress })
    const known = { singleSignOnUrl: undefined, entityId: undefined, certificates: [], metadata }
    const url = await authenticate(withKey({ ...known, endUpstreamSession: true }))
    expect(url?.href).toMatch(/^https:\/\/idp\.acme\.test\/out\?SAMLRequest=/)
  })

  it('sends no logout request without our key, without a URL, or if the tenant turned it off', async () => {
    expect(await authenticate(configOf(keys, { singleLogoutUrl: idpSlo, endUpstreamSession: true }))).toBeUndefined()
    expect(await authenticate(withKey({ endUpstreamSession: true }))).toBeUndefined()
    const plain = withKey({ singleLogoutUrl: idpSlo })
    expect(open(plain).logout?.start).toBeUndefined()
    expect(await loginOf(plain)).not.toHaveProperty('memo')
    expect(await open(config).logout?.start?.({ idToken: 'of another kind' }, returnTo)).toBeUndefined()
  })

  it('ignores the content of a response to our own logout', async () => {
    for (const parameters of [new URLSearchParams({ SAMLResponse: 'x' }), new URLSearchParams('SAMLResponse')])
      expect(await receiveLogout(noticeOf({ parameters, query: String(parameters) }))).toBeUndefined()
  })
})

describe('B7 an encrypted name', () => {
  const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
  const sealedRequest = () => {
    const request = logoutRequestXml(facts())
    const name = piece(request, 'NameID').replace('<saml:NameID', `<saml:NameID ${saml}`)
    const sealed = encrypted(name, keys.ours.publicKey).replaceAll('EncryptedAssertion', 'EncryptedID')
    return request.replace(piece(request, 'NameID'), () => sealed)
  }

  it('B7: names the person, as Shibboleth sends it', async () => {
    const plain = await receiveLogout(byRedirect())
    expect(await receiveLogout(noticeOf({ query: queryOf(sealedRequest()) }))).toMatchObject({ sid: plain?.sid })
  })

  it('SA-89 B7: is opened only after a key of the connection signed the request', async () => {
    await expect(receiveLogout(noticeOf({ query: queryOf(sealedRequest(), keys.stranger) }))).rejects.toMatchObject({
      check: { name: 'signature of the query' },
    })
  })
})

describe('our metadata', () => {
  it('publishes the logout endpoints of both bindings if the identity provider accepts logouts', async () => {
    const xml = await open(config).metadata?.publish?.()
    const services = [...(xml ?? '').matchAll(/<SingleLogoutService Binding="[^"]*:HTTP-(\w+)" Location="([^"]*)"/g)]
    expect(services.map(([, binding, location]) => [binding, location])).toEqual([
      ['Redirect', slo],
      ['POST', slo],
    ])
  })

  it('P2: publishes them with a key of ours without a request to the identity provider', async () => {
    const unknown = { entityId: undefined, singleSignOnUrl: undefined, certificates: [] }
    const config = withKey({ ...unknown, metadataUrl: 'https://idp.acme.test/metadata' })
    const fetch = () => Promise.reject(new Error('not reachable'))
    expect(await open(config, { fetch }).metadata?.publish?.()).toContain(`Location="${slo}"`)
    expect(await open(withKey()).metadata?.publish?.()).toContain(`Location="${slo}"`)
    expect(await open(configOf(keys)).metadata?.publish?.()).not.toContain('SingleLogoutService')
  })
})
