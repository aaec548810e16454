/** What stands for an app: the image we keep of it, or its initials. */
import { isStoredLogo } from '../app/logo.ts'
import { Monogram } from './layout.tsx'

export function AppLogo({ app }: { readonly app: { readonly name: string; readonly mark?: string | undefined } }) {
  if (!isStoredLogo(app.mark)) return <Monogram text={app.name} />
  return <img class="app-mark" src={app.mark} alt="" width="48" height="48" />
}
