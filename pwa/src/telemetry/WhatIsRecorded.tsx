/** Exactly what is recorded, and what is not. */

export function WhatIsRecorded() {
  return (
    <div className="telemetry-facts">
      <ul>
        <li>
          <b>Compiles</b> that succeed: id of the design, number of parameters, time taken
        </li>
        <li>
          <b>Runs</b> that start, and <b>exports</b>: ids of design and run, format of the file
        </li>
        <li>
          <b>Seconds</b> that the app is open without the server
        </li>
        <li>
          <b>Errors</b>: their kind and places in the code of the app; of a failed call its status
        </li>
      </ul>
      <p>
        Each with its time, and with the number of the call in the log of the server. Never names, notes, drawings or boards.
        Nothing is sent anywhere but to your own server.
      </p>
    </div>
  )
}
