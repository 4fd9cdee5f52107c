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

/**
 * Reports about models: the Avro {@code FusionReport} as values of fusion-core fill it, as JSON, and the summary of
 * a run.
 *
 * <p>The schema is {@code src/main/avro/FusionReport.avsc}; its generated classes are in {@code dev.fusewright.report}.
 * JSON has the schema's own names, in its order. A number that is not finite (the signal-to-noise ratio of identical
 * outputs) has no form in JSON, and is null there.
 *
 * <p>Never here: deciding anything.
 */
@NullMarked
package dev.fusewright.pipeline.report;

import org.jspecify.annotations.NullMarked;
