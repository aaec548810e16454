import type { Response } from 'express'
import { type LoginParams, toQuery, withQuery } from '../../http/destination.ts'
import { allowFormTarget, redirect, sendPage } from '../../http/respond.ts'
import { requestFormPage } from '../../pages/interstitial-page.tsx'
import type { Challenge } from '../../provider/provider.ts'

export function sendChallenge(
  response: Response,
  challenge: Challenge,
  params: LoginParams,
  loginHint: string | undefined,
): void {
  switch (challenge.step) {
    case 'redirect':
      return redirect(response, challenge.url.href)
    case 'post':
      allowFormTarget(response, challenge.url.origin)
      return sendPage(response, 200, requestFormPage({ action: challenge.url.href, fields: challenge.fields }))
    case 'ask':
      return redirect(
        response,
        withQuery('/login', { ...toQuery(params), login_hint: loginHint, prompt: 'login', step: 'password' }),
      )
    default:
      return challenge satisfies never
  }
}
