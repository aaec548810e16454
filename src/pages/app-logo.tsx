/** What stands for an app: the image we keep of it, or its initials. */
import { isKeptMark } from '../app/logo.ts'
import { Monogram } from './layout.tsx'

export function AppMark({ app }: { readonly app: { readonly name: string; readonly mark?: string | undefined } }) {
  if (!isKeptMark(app.mark)) return <Monogram text={app.name} />
  return <img class="app-mark" src={app.mark} alt="" width="48" height="48" />
}
