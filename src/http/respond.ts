import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import { errorTable, type GatehouseError } from '../errors.ts'
import { retryHeader } from './problem.ts'

/** Pages are never cached: after sign-out the back button shows nothing (SE-13). */
export function sendPage(response: Response, status: number, html: string): void {
  response.status(status).set({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).send(html)
}

/** Sends a page with the status of the error that it shows; 200 without one. */
export function sendResultPage(response: Response, html: string, error: GatehouseError | undefined): void {
  const { status } = error === undefined ? { status: 200 } : errorTable[error.code]
  if (error !== undefined) response.set(retryHeader(error, status))
  sendPage(response, status, html)
}

/** 303, never 307, which sends a form again (OP-33). @param address a path or an absolute URL */
export function redirect(response: Response, address: string): void {
  response.statusCode = 303
  response.setHeader('location', address)
  response.setHeader('cache-control', 'no-store')
  response.end()
}

/** A content security policy: our stylesheets and scripts, and what is allowed here. */
export function pagePolicy(allowed: Readonly<Record<string, string>>): string {
  const own = { 'style-src': "'self'", 'base-uri': "'none'", 'frame-ancestors': "'none'", 'script-src': "'self'" }
  // img-src: the icon in the tab, on every page
  return Object.entries({ 'default-src': "'none'", 'img-src': "'self'", ...own, ...allowed })
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ')
}

/** App logos are `data:` URLs. */
const usual = { 'form-action': "'self'", 'img-src': "'self' data:" }

/** Content Security Policy of pages that set no other. */
export const usualPolicy = pagePolicy(usual)

/** Lets the page submit its form to `target` only, for a page that does so by script. */
export function allowFormTarget(response: Response, target: string): void {
  response.set('content-security-policy', pagePolicy({ 'form-action': target }))
}

/**
 * Lets the script of a page call this server: passkey forms, and admin pages that update by
 * themselves.
 */
export function allowFetch(response: Response): void {
  response.set('content-security-policy', pagePolicy({ ...usual, 'connect-src': "'self'" }))
}

/** A file that is sent while it is made, no faster than the client takes it. */
export interface Download {
  readonly filename: string
  /** Media type, with its charset. */
  readonly type: string
  readonly content: AsyncIterable<string>
}

/** The first part is awaited before the headers: until then an error has a response of its own. */
export async function sendDownload(response: Response, { filename, type, content }: Download): Promise<void> {
  const parts = content[Symbol.asyncIterator]()
  const first = await parts.next()
  response.status(200).set({
    'content-type': type,
    'content-disposition': `attachment; filename="${filename.replace(/[^\w.-]/g, '_')}"`,
    'cache-control': 'no-store',
  })
  if (response.req.method === 'HEAD') return void response.end()
  try {
    await pipeline(Readable.from(continued(first, parts)), response)
  } catch (error) {
    if (!isClientGone(error)) throw error
  }
}

async function* continued(first: IteratorResult<string>, parts: AsyncIterator<string>): AsyncGenerator<string> {
  try {
    for (let part = first; part.done !== true; part = await parts.next()) yield part.value
  } finally {
    await parts.return?.()
  }
}

const isClientGone = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
