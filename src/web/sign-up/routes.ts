import type { LinkPurpose } from '../../broker/login/password-link.ts'
import { parsedRoute, type WebRoute } from '../route.ts'
import { readLinkRequest, requestPaths } from './link-request.ts'
import { readPending, showPending } from './pending.ts'
import {
  readMailedLink,
  showChoosePassword,
  showLinkRequest,
  submitChoosePassword,
  submitLinkRequest,
} from './sign-up.ts'

/** The page that asks for an email, and the page behind the emailed link. */
function pagesOf(purpose: LinkPurpose, linkPath: string): readonly WebRoute[] {
  const path = requestPaths[purpose]
  const [readRequest, readLink] = [readLinkRequest(purpose), readMailedLink(purpose)]
  return [
    parsedRoute({ method: 'get', path, caller: 'anyone', permission: 'none' }, readRequest, showLinkRequest),
    parsedRoute({ method: 'post', path, caller: 'form', permission: 'none' }, readRequest, submitLinkRequest),
    parsedRoute(
      { method: 'get', path: `${path}/waiting`, caller: 'browser', permission: 'none' },
      (request, shell) => ({ linkRequest: readRequest(request, shell), state: readPending(request) }),
      (call, { linkRequest, state }) => showPending(call, linkRequest, state),
    ),
    parsedRoute({ method: 'get', path: linkPath, caller: 'anyone', permission: 'none' }, readLink, showChoosePassword),
    parsedRoute({ method: 'post', path: linkPath, caller: 'form', permission: 'none' }, readLink, submitChoosePassword),
  ]
}

export const signUpRoutes: readonly WebRoute[] = [
  ...pagesOf('sign-up', '/t/:tenant/:connection/verify'),
  ...pagesOf('reset', '/t/:tenant/:connection/reset'),
]
