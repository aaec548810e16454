import { constants, createHmac, sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CertifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { assertionXml, encrypted, idpMetadata, responseXml } from '../../../providers/saml/emulator/response.ts'
import { type SigningOptions, signed } from '../../../providers/saml/emulator/signature.ts'
import { type LogoutRequestFacts, logoutRequestXml } from '../../../providers/saml/logout/logout-request.ts'
import { readRedirect, signedRedirect } from '../../../providers/saml/logout/redirect-binding.ts'
import { trustedKey } from '../../../providers/saml/signature/certificates.ts'
import type { ConnectionContext, LogoutMessage } from '../../../src/provider/provider.ts'
import { testRecorder } from '../../contract/context.ts'
import {
  beginLogin,
  type Config,
  configOf,
  entityId,
  idpEntityId,
  type Keys,
  newKeys,
  open,
  piece,
} from '../../support/providers/saml-forge.ts'

const slo = 'https://gatehouse.test/t/acme/gate/logout'
const idpSlo = 'https://idp.acme.test/slo?here=1'
let keys: Keys
let config: Config
beforeAll(async () => {
  keys = await newKeys()
  config = withKey({ singleLogoutUrl: idpSlo, endUpstreamSession: true })
})

const pem = (key: CertifiedKey) => key.privateKey.export({ format: 'pem', type: 'pkcs8' })
const withKey = (changes: Config = {}) =>
  configOf(keys, { privateKey: pem(keys.ours), certificate: keys.ours.certificate, ...changes })
const trusted = (key: CertifiedKey) => trustedKey(key.certificate) ?? expect.unreachable()

let count = 0
function facts(changes: Partial<LogoutRequestFacts> = {}): LogoutRequestFacts {
  count += 1
  return {
    ...{ id: `_logout-${count}`, issuer: idpEntityId, destination: slo, issuedAt: new Date() },
    ...{ nameId: 'ada', sessionIndex: 'session-1', ...changes },
  }
}

const noticeOf = (more: Partial<LogoutMessage>): LogoutMessage => ({
  ...{ endpoint: 'logout', url: new URL(slo), body: undefined, bearer: undefined, record: testRecorder() },
  ...{ parameters: new URLSearchParams(more.query ?? ''), ...more },
})

function judge(notice: LogoutMessage, changes: Config = config, context: Partial<ConnectionContext> = {}) {
  return open(changes, context).logout?.receive?.(notice)
}

const queryOf = (xml: string, key = keys.idp, relayState?: string) =>
  signedRedirect(slo, 'SAMLRequest', { xml, relayState, privateKey: key.privateKey }).search.slice(1)
const byRedirect = (changes: Partial<LogoutRequestFacts> = {}, key = keys.idp) =>
  noticeOf({ query: queryOf(logoutRequestXml(facts(changes)), key) })
const posted = (xml: string, more: Readonly<Record<string, string>> = {}) =>
  noticeOf({ parameters: new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64'), ...more }) })
const byPost = (changes: Partial<LogoutRequestFacts> = {}, key = keys.idp, options: SigningOptions = {}) =>
  posted(signed(logoutRequestXml(facts(changes)), 'LogoutRequest', key, options))

/** The query with its values written as another sender would. */
function queryBy(algorithm: string, made: (content: Buffer) => Buffer, xml = logoutRequestXml(facts())): string {
  const message = encodeURIComponent(deflateRawSync(xml).toString('base64'))
  const content = `SAMLRequest=${message}&SigAlg=${encodeURIComponent(algorithm)}`
  return `${content}&Signature=${encodeURIComponent(made(Buffer.from(content)).toString('base64'))}`
}

async function loginOf(changes: Config = config) {
  const login = await beginLogin(changes)
  const stated = login.facts()
  return login.finish(responseXml(stated, signed(assertionXml(stated), 'Assertion', keys.idp)))
}

async function textOf(url: URL, name: 'SAMLRequest' | 'SAMLResponse', key = keys.ours) {
  const query = url.search.slice(url.search.indexOf(name))
  const message = readRedirect(query, name)
  message.verify([trusted(key)])
  return { xml: message.inflate(), relayState: message.relayState }
}

describe('a logout request of the identity provider', () => {
  const methods = [
    ['HTTP-Redirect', byRedirect],
    ['HTTP-POST', byPost],
  ] as const

  it.each(methods)('names the session that a login opened, by %s', async (_, write) => {
    const { identity, sid } = await loginOf()
    const sessionIndex = sid?.split('.').slice(1).join('.')
    const order = await judge(write({ sessionIndex }))
    expect(order).toMatchObject({ issuer: identity.issuer, subject: identity.subject, sid })
  })

  it.each(methods)('names all sessions of a person, by %s', async (_, write) => {
    const order = await judge(write({ sessionIndexes: [] }))
    expect(order).toMatchObject({ issuer: idpEntityId, subject: 'ada' })
    expect(order).not.toHaveProperty('sid')
    expect(await judge(write({ sessionIndexes: ['one', 'two'] }))).not.toHaveProperty('sid')
  })

  it('is answered with our signed yes, its RelayState beside it', async () => {
    const xml = logoutRequestXml(facts({ id: '_their-request' }))
    const order = await judge(noticeOf({ query: queryOf(xml, keys.idp, 'a state & more') }))
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
    const order = await judge(byRedirect(), changes())
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
    expect(await judge(noticeOf({ query }))).toMatchObject({ subject: 'ada' })
  })

  it('names the person with the qualifier that the login had', async () => {
    const written = { NameQualifier: 'https://other.idp', SPNameQualifier: entityId }
    expect(await judge(byRedirect({ written }))).toMatchObject({ subject: 'https://other.idp!ada' })
  })

  it('ends by session alone where an attribute tells people apart', async () => {
    const changes = { ...config, subjectAttribute: 'uid' }
    const order = await judge(byRedirect(), changes)
    expect(order?.sid).toBeDefined()
    expect(order).not.toHaveProperty('subject')
    await expect(judge(byRedirect({ sessionIndexes: [] }), changes)).rejects.toMatchObject({
      check: { name: 'SessionIndex' },
    })
  })

  it('may be signed by RSA-PSS', async () => {
    const made = (content: Buffer) =>
      sign('sha256', content, { key: keys.idp.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
    const query = queryBy('http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', made)
    expect(await judge(noticeOf({ query }))).toMatchObject({ subject: 'ada' })
  })

  it('SA-89 that names another person never names the session', async () => {
    const { sid = '' } = await loginOf()
    const order = await judge(byRedirect({ nameId: 'eve', sessionIndex: sid.split('.')[1] }))
    expect(order?.subject).toBe('eve')
    expect(order?.sid).not.toBe(sid)
  })
})

describe('SA-89 a logout request is refused', () => {
  const past = (seconds: number) => new Date(Date.now() - seconds * 1000)
  const wrong: readonly (readonly [string, Partial<LogoutRequestFacts>, string])[] = [
    ['of another issuer', { issuer: 'https://other.idp' }, 'issuer of the request'],
    ['for another address', { destination: 'https://other.test/logout' }, 'Destination'],
    ["for another tenant's connection", { destination: slo.replace('acme', 'beta') }, 'Destination'],
    ['for no address', { destination: null }, 'Destination'],
    ['that ended', { notOnOrAfter: past(90) }, 'NotOnOrAfter of the LogoutRequest'],
    ['from an hour ago', { issuedAt: past(3600) }, 'IssueInstant'],
    ['from the future', { issuedAt: past(-600) }, 'IssueInstant'],
    ['without a NameID', { nameId: null }, 'NameID'],
    [
      'that names a user at another service',
      { written: { SPNameQualifier: 'https://o.test' } },
      'SPNameQualifier of the NameID',
    ],
    ['without a usable id', { id: '1 2' }, 'ID of the LogoutRequest'],
    ['with an empty session', { sessionIndexes: [''] }, 'SessionIndex'],
    ['with a hundred sessions', { sessionIndexes: Array.from({ length: 100 }, (_, n) => `${n}`) }, 'SessionIndex'],
  ]
  it.each(wrong)('%s', async (_, changes, name) => {
    for (const write of [byRedirect, byPost])
      await expect(judge(write(changes))).rejects.toMatchObject({
        code: 'callback_invalid',
        check: { name, ok: false },
      })
  })

  const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
  const byKey = (hash: string) => (content: Buffer) => sign(hash, content, keys.idp.privateKey)
  const queries: readonly (readonly [string, () => string, string])[] = [
    ['without signature', () => queryOf(logoutRequestXml(facts())).replace(/&SigAlg.*/, ''), 'signature of the query'],
    ['without SigAlg', () => queryOf(logoutRequestXml(facts())).replace(/&SigAlg=[^&]*/, ''), 'signature of the query'],
    ['by another key', () => queryOf(logoutRequestXml(facts()), keys.stranger), 'signature of the query'],
    ['by our own key', () => queryOf(logoutRequestXml(facts()), keys.ours), 'signature of the query'],
    ['by SHA-1', () => queryBy('http://www.w3.org/2000/09/xmldsig#rsa-sha1', byKey('sha1')), 'signature algorithm'],
    ['by SHA-1 under another name', () => queryBy(rsaSha256, byKey('sha1')), 'signature of the query'],
    [
      'by HMAC with the certificate as its secret',
      () =>
        queryBy('http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', (content) =>
          createHmac('sha256', keys.idp.certificate).update(content).digest(),
        ),
      'signature algorithm',
    ],
    [
      'with another RelayState',
      () => `${queryOf(logoutRequestXml(facts()))}&RelayState=evil`,
      'signature of the query',
    ],
    [
      'with the signature of another',
      () =>
        queryOf(logoutRequestXml(facts({ nameId: 'eve' }))).replace(
          /Signature=.*/,
          /Signature=.*/.exec(queryOf(logoutRequestXml(facts())))?.[0] ?? '',
        ),
      'signature of the query',
    ],
    [
      'that is a response',
      () => queryOf(logoutRequestXml(facts()).replaceAll('LogoutRequest', 'LogoutResponse')),
      'message',
    ],
    [
      'signed inside too',
      () => queryOf(signed(logoutRequestXml(facts()), 'LogoutRequest', keys.idp)),
      'signature of the LogoutRequest',
    ],
  ]
  it.each(queries)('by HTTP-Redirect %s', async (_, query, name) => {
    await expect(judge(noticeOf({ query: query() }))).rejects.toMatchObject({
      code: 'callback_invalid',
      check: { name, ok: false },
    })
  })

  const weak = {
    signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
  }
  const whole = () => signed(logoutRequestXml(facts()), 'LogoutRequest', keys.idp)
  const posts: readonly (readonly [string, () => LogoutMessage, string])[] = [
    ['without signature', () => posted(logoutRequestXml(facts())), 'signature of the LogoutRequest'],
    ['by another key', () => byPost({}, keys.stranger), 'signature of the LogoutRequest'],
    ['by SHA-1', () => byPost({}, keys.idp, weak), 'signature algorithm'],
    [
      'by HMAC',
      () =>
        posted(
          whole().replace(/(SignatureMethod Algorithm=")[^"]*/, `$1${'http://www.w3.org/2000/09/xmldsig#hmac-sha1'}`),
        ),
      'signature algorithm',
    ],
    ['changed after signing', () => posted(whole().replace('>ada<', '>eve<')), 'digest of the LogoutRequest'],
    [
      'with a second name',
      () => posted(whole().replace('<saml:NameID>', '<saml:NameID>eve</saml:NameID><saml:NameID>')),
      'digest of the LogoutRequest',
    ],
    [
      'wrapped around a signed one',
      () => {
        const inner = whole().replace(' ID="', ' x="1" ID="')
        const outer = logoutRequestXml(facts({ nameId: 'eve' }))
        return posted(outer.replace('<saml:NameID>', `<samlp:Extensions>${inner}</samlp:Extensions><saml:NameID>`))
      },
      'place of Signature',
    ],
    [
      'with a signature in the query of a form',
      () => posted(logoutRequestXml(facts()), { SigAlg: 'x', Signature: 'eA==' }),
      'signature of the LogoutRequest',
    ],
  ]
  it.each(posts)('by HTTP-POST %s', async (_, notice, name) => {
    await expect(judge(notice())).rejects.toMatchObject({ code: 'callback_invalid', check: { name, ok: false } })
  })

  const unreadable: readonly (readonly [string, () => LogoutMessage])[] = [
    ['that is not there', () => noticeOf({ query: '' })],
    ['that is there twice', () => noticeOf({ query: `${queryOf(logoutRequestXml(facts()))}&SAMLRequest=x` })],
    ['with a response beside it', () => noticeOf({ query: `${queryOf(logoutRequestXml(facts()))}&SAMLResponse=x` })],
    ['that is not base64', () => noticeOf({ query: 'SAMLRequest=%%%&SigAlg=x&Signature=eA%3D%3D' })],
    ['that inflates to 2 MB', () => noticeOf({ query: queryOf(' '.repeat(2_000_000)) })],
    ['with a document type', () => noticeOf({ query: queryOf(`<!DOCTYPE x>${logoutRequestXml(facts())}`) })],
    ['with a comment', () => posted(logoutRequestXml(facts()).replace('ada', 'ada<!-- -->.evil'))],
    ['of 300 kB', () => posted('x'.repeat(300_000))],
    [
      'with a long RelayState',
      () => noticeOf({ query: queryOf(logoutRequestXml(facts()), keys.idp, 'x'.repeat(2000)) }),
    ],
  ]
  it.each(unreadable)('%s', async (_, notice) => {
    await expect(judge(notice())).rejects.toMatchObject({ code: 'request_invalid' })
  })

  it('by another way', async () => {
    await expect(judge({ ...byRedirect(), endpoint: 'backchannel-logout' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('signing out of Gatehouse', () => {
  const returnTo = new URL('https://gatehouse.test/t/acme/gate/signed-out')
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

  it('takes the answer that comes back, whatever it says', async () => {
    for (const parameters of [new URLSearchParams({ SAMLResponse: 'x' }), new URLSearchParams('SAMLResponse')])
      expect(await judge(noticeOf({ parameters, query: String(parameters) }))).toBeUndefined()
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
    const plain = await judge(byRedirect())
    expect(await judge(noticeOf({ query: queryOf(sealedRequest()) }))).toMatchObject({ sid: plain?.sid })
  })

  it('SA-89 B7: is opened only after a key of the connection signed the request', async () => {
    await expect(judge(noticeOf({ query: queryOf(sealedRequest(), keys.stranger) }))).rejects.toMatchObject({
      check: { name: 'signature of the query' },
    })
  })
})

describe('our metadata', () => {
  it('tells where logout messages go, by both bindings, when the identity provider takes some', async () => {
    const xml = await open(config).metadata?.publish?.()
    const services = [...(xml ?? '').matchAll(/<SingleLogoutService Binding="[^"]*:HTTP-(\w+)" Location="([^"]*)"/g)]
    expect(services.map(([, binding, location]) => [binding, location])).toEqual([
      ['Redirect', slo],
      ['POST', slo],
    ])
  })

  it('P2: tells them with a key of ours before the identity provider is known, and does not ask it', async () => {
    const unknown = { entityId: undefined, singleSignOnUrl: undefined, certificates: [] }
    const config = withKey({ ...unknown, metadataUrl: 'https://idp.acme.test/metadata' })
    const fetch = () => Promise.reject(new Error('not reachable'))
    expect(await open(config, { fetch }).metadata?.publish?.()).toContain(`Location="${slo}"`)
    expect(await open(withKey()).metadata?.publish?.()).toContain(`Location="${slo}"`)
    expect(await open(configOf(keys)).metadata?.publish?.()).not.toContain('SingleLogoutService')
  })
})
