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
 * A run over a catalogue, as a Beam pipeline for any runner: {@code ReadCatalogue} → {@code
 * FuseModels} → {@code WriteReports}. Other pipelines may use these transforms too; their
 * configurations, entries and reports are also rows with schemas, and {@code
 * SchemaTransformProvider}s offer them to Beam YAML and other SDKs.
 *
 * <p>Transforms are thin; what they do to one model is {@link
 * dev.fusewright.pipeline.model.FuseModel}. A model is fused and published while its source is
 * being read: nothing is shuffled before, so that an idle slot pulls the next model, and no model
 * is put off to the end of a bundle, which in batch is the end of the job; what is written there
 * are the last of a worker's reports, in a file that counts only if the bundle does. Whatever is
 * done twice after a failure is done with the same result.
 *
 * <p>Never here: a runner (each has its own package), what is done to one model, what is printed on
 * a terminal.
 */
@NullMarked
package dev.fusewright.pipeline.beam;

import org.jspecify.annotations.NullMarked;
