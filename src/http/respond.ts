import type { Response } from 'express'

/** Pages are never cached: after sign-out the back button shows nothing (SE-13). */
export function sendPage(response: Response, status: number, html: string): void {
  response.status(status).set({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).send(html)
}

/** 303, never 307, which sends a form again (OP-33). @param address a path or an absolute URL */
export function redirect(response: Response, address: string): void {
  response.statusCode = 303
  response.setHeader('location', address)
  response.setHeader('cache-control', 'no-store')
  response.end()
}

/** For a page that submits its form by a script, to `target` only. */
export function allowFormTarget(response: Response, target: string): void {
  response.set(
    'content-security-policy',
    `default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action ${target}`,
  )
}

/** For a page that shows app logos, which are `data:` URLs. */
export function allowDataImages(response: Response): void {
  response.set(
    'content-security-policy',
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  )
}
