/** What stands for an app: the image we keep of it, or its initials. */
import { isStoredLogo } from '../app/logo.ts'
import { Monogram } from './layout.tsx'

export function AppLogo({ app }: { readonly app: { readonly name: string; readonly logoUri?: string | undefined } }) {
  if (!isStoredLogo(app.logoUri)) return <Monogram text={app.name} />
  return <img class="app-logo" src={app.logoUri} alt="" width="48" height="48" />
}
