/**
 * The pages about the API. They are for anyone; the examples name the tenant of a signed-in user.
 */
import { GatehouseError } from '../../../errors.ts'
import { sendPage } from '../../../http/respond.ts'
import type { Viewer } from '../../../pages/site/viewer.ts'
import { viewerOf } from '../../account/open-account.ts'
import { publicRoute, type WebRoute } from '../../route.ts'
import type { Call } from '../../shell.ts'
import { currentSession } from '../../sign-in/current-session.ts'
import { apiSections, documentPath } from '../openapi/openapi.ts'
import { apiPath, errorsPath } from './anchors.ts'
import { errorsPage } from './errors-page.tsx'
import { indexPage } from './index-page.tsx'
import { sectionPage } from './section-page.tsx'

export const apiReferenceRoutes: readonly WebRoute[] = [
  publicRoute(apiPath, async (call) => {
    const { viewer } = await readerOf(call)
    sendPage(call.response, 200, indexPage({ sections: apiSections, documentHref: documentPath, viewer }))
  }),
  publicRoute(errorsPath, async (call) => {
    const { viewer } = await readerOf(call)
    sendPage(call.response, 200, errorsPage({ sections: apiSections, viewer }))
  }),
  publicRoute(`${apiPath}/:section`, showSection),
]

async function showSection(call: Call): Promise<void> {
  const { shell, request, response } = call
  const section = apiSections.find(({ id }) => id === request.params['section'])
  if (section === undefined) throw new GatehouseError('not_found', 'the API has no such section')
  const { origin } = shell.publicUrl
  sendPage(response, 200, sectionPage({ section, sections: apiSections, origin, ...(await readerOf(call)) }))
}

interface Reader {
  readonly tenant: string | undefined
  readonly viewer: Viewer | undefined
}

/** The pages themselves need no store. */
async function readerOf(call: Call): Promise<Reader> {
  const { shell } = call
  const session = await currentSession(call).catch(() => null)
  const viewer = session === null ? undefined : await viewerOf(shell, session).catch(() => undefined)
  return { tenant: session?.tenant ?? shell.defaultTenant, viewer }
}
