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

import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Result of one job.
 *
 * @param source as it was read; null if it never was
 * @param companions that were read beside it
 * @param published data files first, the model last
 * @param model what it takes and answers; nothing where it has no graph, or was not read
 * @param content key of what decides the result, by which a model of the same content finds it;
 *     null where something decides that is not known by its content, or no earlier results were
 *     given
 */
public record JobResult(
    FusionReport report,
    @Nullable FileState source,
    List<FileState> companions,
    List<FileState> published,
    ModelInterface model,
    @Nullable String content) {}
