/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.model;

import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.settings.FuseSettings;

/**
 * Everything that the steps of one model's job share.
 *
 * @param report of the job so far
 * @param scratch folder of the job
 * @param mounting of what is not fetched
 * @param source the model, on this machine, or mounted
 */
record JobContext(
    FuseRequest request,
    FuseModel flow,
    StageClock clock,
    ReportBuilder report,
    Scratch scratch,
    Mounting mounting,
    Staged source) {
  FuseSettings settings() {
    return request.settings();
  }

  /** Fetches what belongs to the model, with the request's deadline. */
  Staging staging() {
    return staging(Staging.Mounts.NONE);
  }

  /** The same, but for what is mounted. */
  Staging staging(Staging.Mounts mounts) {
    return new Staging(flow.store(), request.settings().fetchTimeout(), mounts);
  }

  /** The same, with the source as it is seen where files beside it may be mounted. */
  JobContext viewed() {
    return mounting.isUsed()
        ? new JobContext(
            request,
            flow,
            clock,
            report,
            scratch,
            mounting,
            new Staged(source.source(), mounting.view(source.file()), source.sha256()))
        : this;
  }
}
