import { renderLayout, type SignedIn, safeHref } from './layout.tsx'

export interface MessagePageProps {
  readonly title: string
  readonly text: string
  readonly href: string
  readonly label: string
  readonly signedIn?: SignedIn | undefined
}

export function messagePage({ title, text, href, label, signedIn }: MessagePageProps): string {
  return renderLayout({
    ...{ title, signedIn },
    children: (
      <div class="card">
        <h1>{title}</h1>
        <p>{text}</p>
        <a class="button" href={safeHref(href)}>
          {label}
        </a>
      </div>
    ),
  })
}
