/** examples/react-headless in Chromium: it signs up, in and out without any page of ours. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser/chromium.ts'
import { inspectPage } from '../support/browser/inspect.ts'
import { type LocalGatehouse, serveReactExample, startLocalGatehouse } from '../support/headless/local-gatehouse.ts'
import { freePort } from '../support/servers/servers.ts'

const password = 'correct horse battery staple'

let gatehouse: LocalGatehouse
let example: { stop(): Promise<void> }
let browser: Browser
let context: BrowserContext
let page: Page
/** Another port of localhost, which is our site, and the same app on another site. */
let sameSite: string
let otherSite: string
/** Pages and frames that the browser opened, by origin. */
let documents: string[]

beforeAll(async () => {
  const port = await freePort()
  sameSite = `http://localhost:${port}`
  otherSite = `http://127.0.0.1:${port}`
  gatehouse = await startLocalGatehouse(`returnOrigins: ['${sameSite}', '${otherSite}']
mailLinks: ['${sameSite}/', '${otherSite}/']
sessions: { crossSite: true }
`)
  ;[example, browser] = await Promise.all([serveReactExample(gatehouse.url, port), openBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await example?.stop()
  await gatehouse?.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  page = await context.newPage()
  documents = []
  page.on('request', (request) => {
    if (request.isNavigationRequest()) documents.push(new URL(request.url()).origin)
  })
})
afterEach(() => context.close())

const press = (name: string) => page.getByRole('button', { name, exact: true }).click()

async function signUp(origin: string, email: string): Promise<void> {
  await page.goto(origin)
  await press('Create an account')
  await page.getByLabel('Email').fill(email)
  await press('Send the code')
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor()
}

async function signIn(email: string, secret: string): Promise<void> {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(secret)
  await press('Sign in')
}

const hello = (email: string) => page.getByRole('heading', { name: `Hello, ${email}` })

it('compiles, with the versions that this repository tests', () => {
  const typescript = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
  const project = fileURLToPath(new URL('../../examples/react-headless', import.meta.url))
  execFileSync(process.execPath, [typescript, '-p', project], { stdio: 'pipe' })
  const versionsOf = (path: string) => {
    const { dependencies = {}, devDependencies } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
    return { ...dependencies, ...devDependencies }
  }
  expect(versionsOf('../../package.json')).toMatchObject(versionsOf('../../examples/react-headless/package.json'))
})

describe('on another origin of our site', () => {
  it('SE-07 signs up by an emailed code, stays signed in after a reload, and signs out', async () => {
    const email = 'ada@mail.test'
    await signUp(sameSite, email)
    await inspectPage(page, 'react-choose-password')
    const code = /paste this one:\s+(\S+)/.exec((await gatehouse.mail(email)).text)?.[1] ?? ''
    await page.getByLabel('Code').fill(code)
    await page.getByLabel('Password').fill(password)
    await press('Finish')
    await hello(email).waitFor()
    await page.reload()
    await hello(email).waitFor()
    await page.getByText('This browser').waitFor()
    await inspectPage(page, 'react-account')

    const [cookie, ...more] = (await context.cookies()).filter(({ name }) => name === 'gatehouse_session')
    expect(more).toEqual([])
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', domain: 'localhost' })
    const readable = await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })')
    expect(readable).toBe('{}')

    await press('Sign out')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect((await context.cookies()).filter(({ name }) => name === 'gatehouse_session')).toEqual([])
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await inspectPage(page, 'react-sign-in')
    expect(new Set(documents)).toEqual(new Set([sameSite]))
  })

  it('signs up by the emailed link, signs in again, and ends another session', async () => {
    const email = 'bob@mail.test'
    await signUp(sameSite, email)
    const link = /https?:\S+/.exec((await gatehouse.mail(email)).text)?.[0] ?? ''
    expect(link).toMatch(new RegExp(`^${sameSite}/#code=`))
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByLabel('Password').fill(password)
    await press('Finish')
    await hello(email).waitFor()
    expect(page.url()).toBe(`${sameSite}/`)

    const other = await browser.newContext()
    const elsewhere = await other.newPage()
    await elsewhere.goto(sameSite)
    await elsewhere.getByLabel('Email').fill(email)
    await elsewhere.getByLabel('Password').fill(password)
    await elsewhere.getByRole('button', { name: 'Sign in' }).click()
    await elsewhere.getByText('This browser').waitFor()
    await page.reload()
    await press('End')
    await page.getByRole('button', { name: 'End' }).waitFor({ state: 'detached' })
    await elsewhere.reload()
    await elsewhere.getByRole('heading', { name: 'Sign in' }).waitFor()
    await other.close()
  })

  it('PW-01 shows the same for a wrong password and an unknown email', async () => {
    await page.goto(sameSite)
    const texts = []
    for (const email of ['ada@mail.test', 'nobody@mail.test']) {
      await signIn(email, 'wrong password')
      await page.getByRole('alert').waitFor()
      texts.push(await page.getByRole('alert').innerText())
      await inspectPage(page, 'react-refused')
    }
    expect(texts[0]).toContain('Check both and try again')
    expect(texts[1]).toBe(texts[0])
  })
})

describe('on another site, with sessions.crossSite', () => {
  it('SE-04 signs in with a partitioned cookie, stays signed in after a reload, and signs out', async () => {
    const email = 'carol@mail.test'
    await signUp(otherSite, email)
    const link = /https?:\S+/.exec((await gatehouse.mail(email)).text)?.[0] ?? ''
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByLabel('Password').fill(password)
    await press('Finish')
    await hello(email).waitFor()
    await page.reload()
    await hello(email).waitFor()
    const cookies = (await context.cookies()).filter(({ name }) => name === 'gatehouse_session')
    expect(cookies).toMatchObject([
      { httpOnly: true, secure: true, sameSite: 'None', partitionKey: expect.any(String) },
    ])
    // the cookie counts inside pages of that site only
    await page.goto(`${gatehouse.url}/account`)
    expect(new URL(page.url()).pathname).toBe('/login')
    await page.goto(otherSite)
    await press('Sign out')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect((await context.cookies()).filter(({ name }) => name === 'gatehouse_session')).toEqual([])
  })
})
