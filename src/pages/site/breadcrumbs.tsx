import { safeHref } from '../layout.tsx'

export interface Crumb {
  readonly href: string
  readonly label: string
}

/** The pages above this one, from the top, and the name of this one. */
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
