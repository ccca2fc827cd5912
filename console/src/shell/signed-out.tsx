// What people see without a session: how to get one.

/** The whole page. */
export function SignedOut() {
  return (
    <main class="page narrow">
      <img src="/assets/icon.svg" alt="" width="40" height="40" />
      <h1>You are signed out</h1>
      <p>
        The console has no passwords. Open it from your job board again: the link there signs you in, and
        takes you back here.
      </p>
      <p>
        Do you have a new session in another tab? <a href="/console">Open the console</a>.
      </p>
      <p class="quiet small">
        For programs there is the API, with a key of your organization: <a href="/docs">read the reference</a>
        .
      </p>
    </main>
  )
}
