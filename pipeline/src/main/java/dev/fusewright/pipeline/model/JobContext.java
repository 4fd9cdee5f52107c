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
 * @param source the model, on this machine
 */
record JobContext(
    FuseRequest request,
    FuseModel flow,
    StageClock clock,
    ReportBuilder report,
    Scratch scratch,
    Staged source) {
  FuseSettings settings() {
    return request.settings();
  }

  /** Fetches what belongs to the model, with the request's deadline. */
  Staging staging() {
    return new Staging(flow.store(), request.settings().fetchTimeout());
  }
}
