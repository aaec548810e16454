/** The app whose authorization request waits for a sign-in. */
import { type App, mayServe } from '../../app/app.ts'
import { isLoopbackHost } from '../../app/redirect-uri.ts'
import type { LoginParams } from '../../http/destination.ts'
import { signedAppOf } from '../../http/interaction.ts'
import type { Shell, WithParts } from '../shell.ts'

export type RequestingAppPorts = Pick<Shell, 'keyRing' | 'publicUrl'> & WithParts<'appRegistry'>

/** The app in a return URL that we signed, if it may serve the tenant. */
export async function requestingApp(
  { keyRing, parts, publicUrl }: RequestingAppPorts,
  { returnTo }: Pick<LoginParams, 'returnTo'>,
  tenant: string | undefined,
): Promise<App | undefined> {
  const address = URL.parse(returnTo, publicUrl)
  if (address?.origin !== publicUrl.origin || !address.pathname.startsWith('/consent/')) return undefined
  const id = signedAppOf(keyRing, address)
  const app = id === undefined ? null : await parts.appRegistry.find(id)
  return app !== null && (tenant === undefined || mayServe(app, tenant)) ? app : undefined
}

const isOnTheWeb = ({ protocol, hostname }: URL) => /^https?:$/.test(protocol) && !isLoopbackHost(hostname)

/** Origin of an app on the web, at which a new sign-in may begin. */
export function siteOf({ redirectUris }: Pick<App, 'redirectUris'>): string | undefined {
  return redirectUris.map((each) => URL.parse(each)).find((each) => each !== null && isOnTheWeb(each))?.origin
}
