/** Breadcrumbs of the admin pages and the developer portal. */
import { safeHref } from '../layout.tsx'

export interface Crumb {
  readonly href: string
  readonly label: string
}

/** Links to the pages above, topmost first, then the current page's name. */
export function Breadcrumbs({ above, current }: { readonly above: readonly Crumb[]; readonly current: string }) {
  return (
    <nav class="breadcrumbs" aria-label="Breadcrumb">
      <ol>
        {above.map(({ href, label }) => (
          <li key={href}>
            <a href={safeHref(href)}>{label}</a>
          </li>
        ))}
        <li aria-current="page">{current}</li>
      </ol>
    </nav>
  )
}
