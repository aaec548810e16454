/** The pages about sign-ins as a browser without scripts meets them. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Trace } from '../../../src/broker/trace.ts'
import { linkOn, type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { adminOf, operatorOf, startWithAdministrators } from '../../support/gatehouse/administrators.ts'
import { browserOf, postForm } from '../../support/gatehouse/connections.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { sampleTrace } from '../../support/pages/sign-in-samples.ts'

const signIns = '/admin/sign-ins'

let server: TestGatehouse
let admin: TestBrowser
let operator: TestBrowser
beforeAll(async () => {
  server = await startWithAdministrators()
  admin = await adminOf(server)
  operator = await operatorOf(server)
})
afterAll(() => server.stop())

/** A trace as if a sign-in had left it. */
async function stored(changes: Partial<Trace> = {}): Promise<Trace> {
  const trace = sampleTrace(undefined, { startedAt: server.clock.now(), ...changes })
  await server.core.storage.durable.traces.put(trace)
  return trace
}

async function auditOf(action: 'access.refused' | 'trace.shared') {
  const [event] = await server.core.parts.audit.recent({ tenant: 'acme', action, limit: 1 })
  return event
}

/** A login at Okta whose ID token has a wrong signature. */
async function failingLogin(): Promise<Page> {
  server.okta.fault('forgedSignature', true)
  try {
    const browser = new TestBrowser(server)
    return await browser.click(await browser.open('/t/acme/okta/start'), 'Ada Lovelace')
  } finally {
    server.okta.reset()
  }
}

describe('a failed login', () => {
  it('is explained by the reference of its error page, typed in any case', async () => {
    const reference = referenceOn(await failingLogin())
    await server.trace(reference)
    const list = await admin.open(signIns)
    const page = await admin.open(`${signIns}?reference=+${reference.toLowerCase().replace('-', ' ')}+`)
    expect(list.status).toBe(200)
    expect(page.url.pathname).toBe(`${signIns}/${reference}`)
    expect(page.body).toContain(`<h1>Sign-in ${reference}</h1>`)
    expect(page.body).toContain('The tenant admin can fix this.')
    expect(page.body).toMatch(/<span class="state down">Failed<\/span><\/td><th scope="row">signature<\/th>/)
    expect(page.body).toMatch(/providers\/okta\/setup\.md|\/docs\/sign-in-methods\/okta#/)
    expect(linkOn(page, /^Okta$/)).toBe('/admin/connections/acme/okta')
    expect(page.headers['cache-control']).toBe('no-store')
  })

  it('is listed with its cause, by connection, outcome and code, and not elsewhere', async () => {
    const reference = referenceOn(await failingLogin())
    const { code = '', cause = '' } = await server.trace(reference)
    const found = await admin.open(
      `${signIns}?${new URLSearchParams({ connection: 'okta', outcome: 'refused', code, cause })}`,
    )
    expect(found.body).toContain(`href="${signIns}/${reference}"`)
    expect(found.body).toContain('Only with the cause')
    for (const other of ['connection=password', 'outcome=started', 'code=login_expired', 'email=x@mail.test', 'app=x'])
      expect((await admin.open(`${signIns}?${other}`)).body, other).not.toContain(reference)
  })
})

it('shows commands of a fix as code', async () => {
  const { reference } = await stored({ reference: '7FFF-0001', cause: 'upstream_invalid: signature of the Assertion' })
  expect((await admin.open(`${signIns}/${reference}`)).body).toContain('<code>gatehouse connection trust</code>')
})

describe('failures by cause', () => {
  it('are one row, which opens the list of its sign-ins, and are counted on the trace', async () => {
    const cause = 'upstream_unreachable: discovery timeout'
    const references = ['7999-0000', '7999-0001', '7999-0002']
    for (const reference of references) {
      const code = 'upstream_unreachable'
      server.core.parts.trace(sampleTrace(undefined, { reference, startedAt: server.clock.now(), code, cause }))
      await server.trace(reference)
    }
    const list = await vi.waitFor(async () => {
      const page = await admin.open(`${signIns}?period=1h`)
      expect(page.body).toMatch(
        /<td data-label="Count" class="number">3<\/td><th scope="row" class="words"><a [^>]+>Okta answers too slowly/,
      )
      return page
    }, waitOptions)
    const rows = await admin.click(list, /^Okta answers too slowly/)
    expect(rows.url.searchParams.get('cause')).toBe(cause)
    expect([...new Set(rows.body.match(/7999-000\d/g))].toSorted()).toEqual(references)
    const page = await admin.open(`${signIns}/7999-0000`)
    expect(page.body).toContain('Other failures with the same cause</a>: 3 in seven days')
  })

  it('of all tenants are shown to operators, without the name of one provider', async () => {
    const page = await operator.open(`${signIns}?period=1h`)
    expect(page.body).toContain('The identity provider answers too slowly')
  })
})

describe('the list', () => {
  it('continues with older sign-ins, each once', async () => {
    const email = 'many@mail.test'
    for (let number = 0; number < 53; number += 1)
      await stored({
        email,
        reference: `7000-0${100 + number}`,
        startedAt: new Date(server.clock.now().getTime() - number * 1000),
      })
    const first = await admin.open(`${signIns}?email=${email}`)
    const second = await admin.click(first, /^Older$/)
    const referencesOn = ({ body }: Page) =>
      [...body.matchAll(/href="\/admin\/sign-ins\/(7000-0\d+)"/g)].map(([, each]) => each)
    expect([referencesOn(first).length, referencesOn(second).length]).toEqual([50, 3])
    expect(new Set([...referencesOn(first), ...referencesOn(second)]).size).toBe(53)
    expect(linkOn(second, /^Newest$/)).toContain('email=many%40mail.test')
    expect(second.body).not.toMatch(/rel="next"/)
  })

  it('says what to do if nothing matches', async () => {
    const page = await admin.open(`${signIns}?email=none@mail.test&period=1h`)
    expect(page.body).toContain('No sign-in matches this search.')
    expect(linkOn(page, 'Search all stored sign-ins')).toContain('period=all')
  })

  it.each([
    ['email=none', 'Enter a whole email address.'],
    ['since=yesterday', 'Enter a time such as'],
    ['code=nonsense', 'There is no such error code.'],
    ['outcome=lost', 'Choose an outcome of the list.'],
  ])('names the wrong field of %s and keeps what was typed', async (query, message) => {
    const page = await admin.open(`${signIns}?${query}&app=shop`)
    expect(page.status).toBe(422)
    expect(page.body).toContain(message)
    expect(page.body).toContain('value="shop"')
  })

  it('shows markup in emails, names and texts of upstreams as text', async () => {
    const hostile = '"><script>alert(1)</script>'
    const trace = await stored({
      ...sampleTrace(() => hostile),
      startedAt: server.clock.now(),
      reference: '7AAA-0001',
    })
    for (const path of [`${signIns}?period=1h`, `${signIns}/${trace.reference}`]) {
      const { body } = await admin.open(path)
      expect(body).toContain('&lt;script>')
      expect(body).not.toContain('<script>')
    }
    const unknown = await admin.open(`${signIns}?reference=${encodeURIComponent(hostile)}`)
    expect([unknown.status, unknown.body.includes('<script>')]).toEqual([404, false])
  })
})

describe('who may see a sign-in', () => {
  it('SE-09, AD-01 an admin of another tenant finds nothing, by reference or by search, and it is recorded', async () => {
    const trace = await stored({ tenant: 'beta', reference: '7BBB-0001', email: 'secret@mail.test' })
    const byReference = await admin.open(`${signIns}/${trace.reference}`)
    expect(byReference.status).toBe(404)
    expect(byReference.body).not.toContain('secret@mail.test')
    expect(await auditOf('access.refused')).toMatchObject({ details: { trace: trace.reference } })
    const search = await admin.open(`${signIns}?tenant=beta`)
    expect([search.status, search.body.includes(trace.reference)]).toEqual([404, false])
    expect(await auditOf('access.refused')).toMatchObject({ details: { tenant: 'beta' } })
    expect((await admin.open(`${signIns}?period=1h`)).body).not.toContain(trace.reference)
    const shared = await postForm(admin, `${signIns}/${trace.reference}/links`, { lifetime: '1h' })
    expect(shared.status).toBe(404)
  })

  it('an operator sees every tenant, or one', async () => {
    const [acme, beta] = [
      await stored({ reference: '7CCC-0001' }),
      await stored({ reference: '7CCC-0002', tenant: 'beta' }),
    ]
    const all = (await operator.open(`${signIns}?period=1h`)).body
    expect([all.includes(acme.reference), all.includes(beta.reference)]).toEqual([true, true])
    const one = (await operator.open(`${signIns}?period=1h&tenant=beta`)).body
    expect([one.includes(acme.reference), one.includes(beta.reference)]).toEqual([false, true])
    expect((await operator.open(`${signIns}/${beta.reference}`)).status).toBe(200)
  })

  it('others are refused or asked to sign in', async () => {
    const { reference } = await stored({ reference: '7DDD-0001' })
    const member = await browserOf(server, 'member@mail.test')
    for (const path of [signIns, `${signIns}/${reference}`]) {
      expect((await member.open(path)).status).toBe(403)
      expect((await new TestBrowser(server).ask(path)).headers.location).toContain('/login?')
    }
    expect((await postForm(member, `${signIns}/${reference}/links`, { lifetime: '1h' })).status).toBe(403)
  })

  it('names an unknown reference and how long sign-ins are kept', async () => {
    const page = await admin.open(`${signIns}/0000-0000`)
    expect(page.status).toBe(404)
    expect(page.body).toContain('No sign-in has the reference 0000-0000')
    expect(page.body).toContain('Tenant acme')
  })
})

describe('a link that shares a trace', () => {
  async function share(reference: string, lifetime: string): Promise<Page> {
    return admin.submit(await admin.open(`${signIns}/${reference}`), `${signIns}/${reference}/links`, { lifetime })
  }
  const urlOn = ({ body }: Page) => /<code id="link">([^<]+)<\/code>/.exec(body)?.[1] ?? ''
  const stranger = () => new TestBrowser(server)

  it('shows this trace without an account and without personal data, and is shown and recorded once', async () => {
    const trace = await stored({
      reference: '7EEE-0001',
      email: 'ada.lovelace@acme.test',
      reasons: ['ada.lovelace@acme.test is verified'],
    })
    const page = await share(trace.reference, '24h')
    const url = urlOn(page)
    expect(page.url.search).toBe('')
    expect(urlOn(await admin.open(`${signIns}/${trace.reference}`))).toBe('')
    expect(await auditOf('trace.shared')).toMatchObject({ details: { reference: trace.reference } })
    const shared = await stranger().open(url)
    expect(shared.status).toBe(200)
    expect(shared.body).toContain(`<h1>Sign-in ${trace.reference}</h1>`)
    expect(shared.body).toContain('<th scope="row">signature</th>')
    for (const personal of ['ada.lovelace', trace.userId, '/admin/', '<form'])
      expect(shared.body, personal).not.toContain(personal)
    expect(shared.headers['cache-control']).toBe('no-store')
    expect(shared.headers['x-robots-tag']).toBe('noindex')
    expect((await stranger().open(url)).status).toBe(200)
    expect(server.logged.join('')).not.toContain(url.split('.').at(-1))
    expect((await server.storedBytes()).includes(url.split('.').at(-1) ?? url)).toBe(false)
  })

  it('expires after the chosen time, and names the person to ask', async () => {
    const { reference } = await stored({ reference: '7EEE-0002' })
    const url = urlOn(await share(reference, '1h'))
    expect((await stranger().open(url)).status).toBe(200)
    const later = new Date(server.clock.now().getTime() + 3_601_000)
    const now = vi.spyOn(server.core.parts, 'now').mockReturnValue(later)
    const page = await stranger().open(url)
    now.mockRestore()
    expect(page.status).toBe(404)
    expect(page.body).toContain('Ask the person who sent it')
  })

  it.each(['x', '..%2fadmin', `${'a'.repeat(22)}.${'b'.repeat(43)}`])(
    'the unknown link %s is not found',
    async (code) => {
      const page = await stranger().open(`/traces/${code}`)
      expect(page.status).toBe(404)
      expect(page.body).toContain('This link has expired or is incomplete.')
    },
  )

  it('SE-07 is not created by a form of another site', async () => {
    const { reference } = await stored({ reference: '7EEE-0003' })
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const forged = await admin.ask(`${signIns}/${reference}/links`, {
      method: 'POST',
      form: { lifetime: '7d' },
      headers,
    })
    expect(forged.status).toBe(403)
  })
})
