import type { Response } from 'express'
import { errorTable, type GatehouseError } from '../errors.ts'
import { retryHeader } from './problem.ts'

/** Pages are never cached: after sign-out the back button shows nothing (SE-13). */
export function sendPage(response: Response, status: number, html: string): void {
  response.status(status).set({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).send(html)
}

/** With the status of the error that the page shows. */
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

/** A content security policy: our stylesheet, and what is allowed here. */
export function pagePolicy(allowed: Readonly<Record<string, string>>): string {
  const own = { 'default-src': "'none'", 'style-src': "'self'", 'base-uri': "'none'", 'frame-ancestors': "'none'" }
  return Object.entries({ ...own, ...allowed })
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ')
}

/** Of every page that sets no other. */
export const usualPolicy = pagePolicy({ 'form-action': "'self'", 'img-src': "'self'" })

/** For a page that submits its form by a script, to `target` only. */
export function allowFormTarget(response: Response, target: string): void {
  response.set('content-security-policy', pagePolicy({ 'script-src': "'self'", 'form-action': target }))
}

/** For a page with scripts of ours. */
export function allowScripts(response: Response): void {
  const allowed = { 'form-action': "'self'", 'img-src': "'self'", 'script-src': "'self'" }
  response.set('content-security-policy', pagePolicy(allowed))
}

/** For a page that shows app logos, which are `data:` URLs. */
export function allowDataImages(response: Response): void {
  response.set('content-security-policy', pagePolicy({ 'form-action': "'self'", 'img-src': "'self' data:" }))
}
