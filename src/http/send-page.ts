import type { Response } from 'express'

/** Pages are never cached: after sign-out the back button shows nothing (SE-13). */
export function sendPage(response: Response, status: number, html: string): void {
  response.status(status).set({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).send(html)
}
