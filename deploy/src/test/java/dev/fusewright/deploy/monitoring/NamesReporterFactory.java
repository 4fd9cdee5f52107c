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
package dev.fusewright.deploy.monitoring;

import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.LogicalScopeProvider;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Flink's Prometheus reporter is not to be had here. This one only writes down under which names
 * and labels it would publish what Flink hands to every reporter.
 */
public final class NamesReporterFactory implements MetricReporterFactory {
  private static final Map<String, Set<String>> SEEN = new ConcurrentHashMap<>();

  /** The rule of Prometheus: letters, digits, underscores and colons. */
  private static final CharacterFilter PROMETHEUS = name -> name.replaceAll("[^a-zA-Z0-9:_]", "_");

  private static final Map<String, Long> COUNTED = new ConcurrentHashMap<>();

  /** What the counters of tasks that have ended came to in all, by name. */
  static Map<String, Long> counted() {
    return new TreeMap<>(COUNTED);
  }

  /** The labels of every metric that any Flink of this process had, by the metric's name. */
  static Map<String, Set<String>> seen() {
    return new TreeMap<>(SEEN);
  }

  @Override
  public MetricReporter createMetricReporter(Properties properties) {
    return new NamesReporter();
  }

  private static final class NamesReporter implements MetricReporter {
    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}

    @Override
    public void notifyOfAddedMetric(Metric metric, String metricName, MetricGroup group) {
      Set<String> labels = new TreeSet<>();
      group
          .getAllVariables()
          .keySet()
          .forEach(variable -> labels.add(variable.replaceAll("[<>]", "")));
      SEEN.put(name(metricName, group), labels);
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String metricName, MetricGroup group) {
      if (metric instanceof Counter counter) {
        COUNTED.merge(name(metricName, group), counter.getCount(), Long::sum);
      }
    }

    private static String name(String metricName, MetricGroup group) {
      String scope = LogicalScopeProvider.castFrom(group).getLogicalScope(PROMETHEUS, '_');
      return "flink_" + scope + "_" + PROMETHEUS.filterCharacters(metricName);
    }
  }
}
