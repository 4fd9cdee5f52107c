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
 * How models are fused and proven: one table of settings ({@link
 * dev.fusewright.pipeline.settings.SettingFields}), and every spelling of them.
 *
 * <p>What somebody said is a partial value ({@link dev.fusewright.pipeline.settings.Settings}): a
 * run's and an entry's are merged by one function, and resolved once ({@link
 * dev.fusewright.pipeline.settings.FuseSettings}). Which rules that means for a model is decided in
 * one place ({@link dev.fusewright.pipeline.settings.RuleChoice}).
 *
 * <p>Must never appear here: Beam, Flink, picocli, what becomes of a model.
 */
@NullMarked
package dev.fusewright.pipeline.settings;

import org.jspecify.annotations.NullMarked;
