import { type FormEvent, type ReactNode, useState } from 'react'

interface FormProps {
  readonly title: string
  readonly action: string
  readonly submit: (fields: Record<string, string>) => Promise<void>
  readonly children: ReactNode
}

/** Shows what Gatehouse says when it refuses: the texts are for users. */
export function Form({ title, action, submit, children }: FormProps) {
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]),
    )
    setBusy(true)
    setError(undefined)
    await submit(fields).catch((failure) => setError(String(failure.message)))
    setBusy(false)
  }
  return (
    <form onSubmit={onSubmit}>
      <h1>{title}</h1>
      {error !== undefined && <p role="alert">{error}</p>}
      {children}
      <button type="submit" disabled={busy}>
        {action}
      </button>
    </form>
  )
}

interface FieldProps {
  readonly label: string
  readonly name: string
  readonly type: string
  readonly autoComplete: string
  readonly defaultValue?: string
}

export function Field({ label, ...input }: FieldProps) {
  return (
    <label>
      {label}
      <input required {...input} />
    </label>
  )
}
